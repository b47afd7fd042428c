using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class MaintenanceLoopTests : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(20);

    private readonly SteppedTimeProvider _clock = new();
    private readonly SemaphoreSlim _begun = new(0);
    private Action<CancellationToken> _round = _ => { };

    public void Dispose() => _begun.Dispose();

    [Fact]
    public async Task Round_RunsAfterItsFirstDelay_ThenEveryMinute()
    {
        using var loop = Start();
        _clock.Advance(FirstDelay - TimeSpan.FromTicks(1));
        await RunAllAsync(loop);
        Assert.Equal(0, loop.Rounds);
        _clock.Advance(TimeSpan.FromTicks(1));
        await BegunAsync();
        await RunAllAsync(loop);
        _clock.Advance(MaintenanceLoop.Interval - TimeSpan.FromTicks(1));
        await RunAllAsync(loop);
        Assert.Equal(1, loop.Rounds);
        _clock.Advance(TimeSpan.FromTicks(1));
        await BegunAsync();
    }

    [Fact]
    public async Task Wake_RunsARoundAtOnce_AgainAndAgain()
    {
        using var loop = Start();
        for (var i = 0; i < 3; i++)
        {
            loop.Wake();
            await BegunAsync();
        }
    }

    [Fact]
    public async Task Wake_DoesNotWaitOutFailures_ButTheTimerDoes()
    {
        _round = _ => throw new IOException("no");
        using var loop = Start();
        loop.Wake();
        await BegunAsync();
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            loop.Wake();
            await RunAllAsync(loop);
            _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            await RunAllAsync(loop);
            Assert.False(await _begun.WaitAsync(0, TestContext.Current.CancellationToken));
            _clock.Advance(TimeSpan.FromTicks(1));
            await BegunAsync();
        }

        Assert.Equal(9, loop.Rounds);
        _round = _ => { };
        await RunAllAsync(loop);
        _clock.Advance(MaintenanceLoop.Interval);
        await BegunAsync();
        await RunAllAsync(loop);
        Assert.Equal((10, 9), (loop.Rounds, loop.FailedRounds));
        loop.Wake();
        await BegunAsync();
    }

    [Fact]
    public async Task InvokeAsync_RunsJobsOnOneThread_AndHandsOnWhatTheyThrow()
    {
        using var loop = Start();
        var threads = new List<int>();
        await loop.InvokeAsync(_ => threads.Add(Environment.CurrentManagedThreadId));
        await loop.InvokeAsync(_ => threads.Add(Environment.CurrentManagedThreadId));
        Assert.Single(threads.Distinct());
        await Assert.ThrowsAsync<IOException>(() => loop.InvokeAsync(_ => throw new IOException("no")));
        await loop.InvokeAsync(_ => { });
        Assert.Equal(0, loop.FailedRounds);
    }

    [Fact]
    public async Task Dispose_CancelsWhatRuns_AndFailsWhatWaits()
    {
        _round = token =>
        {
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
        };
        var loop = Start();
        loop.Wake();
        await BegunAsync();
        var waiting = loop.InvokeAsync(_ => { });
        loop.Dispose();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => waiting);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => loop.InvokeAsync(_ => { }));
        Assert.Equal(0, loop.FailedRounds);
        loop.Wake();
        loop.Dispose();
    }

    [Fact]
    public async Task Dispose_TellsAJobThatItWasCancelled()
    {
        var loop = Start();
        using var isRunning = new SemaphoreSlim(0);
        var job = loop.InvokeAsync(token =>
        {
            isRunning.Release();
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
        });
        await isRunning.WaitAsync(TestContext.Current.CancellationToken);
        loop.Dispose();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => job);
    }

    private static Task RunAllAsync(MaintenanceLoop loop) => loop.InvokeAsync(_ => { });

    private MaintenanceLoop Start() => new(
        token =>
        {
            _begun.Release();
            _round(token);
        },
        FirstDelay,
        NullLogger.Instance,
        _clock);

    private Task BegunAsync() => _begun.WaitAsync(TestContext.Current.CancellationToken);
}

namespace PromHost.PromQL.Tests;

public sealed class QueryWorkersTests
{
    [Fact]
    public async Task Post_RunsAllWork_OnAtMostTheLimit()
    {
        using var workers = new QueryWorkers("test", 3);
        var done = new TaskCompletionSource();
        int running = 0, most = 0, left = 500;
        for (var i = 0; i < 500; i++)
        {
            workers.Post(() =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                Thread.Yield();
                Interlocked.Decrement(ref running);
                if (Interlocked.Decrement(ref left) == 0) done.SetResult();
            });
        }

        await done.Task.WaitAsync(TestContext.Current.CancellationToken);

        most.Should().BeInRange(1, 3);
    }

    [Fact]
    public async Task Post_LosesNoWork_WhileThreadsFallIdle()
    {
        using var workers = new QueryWorkers("test", 2, normalCount: 1);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                workers.Post(done.SetResult);
                await done.Task.WaitAsync(TestContext.Current.CancellationToken);
            }
        })));
    }

    [Fact]
    public async Task Dispose_DoesTheWorkPostedBefore()
    {
        var workers = new QueryWorkers("test", 1);
        var gate = new TaskCompletionSource();
        var done = new TaskCompletionSource();
        workers.Post(gate.Task.Wait);
        workers.Post(done.SetResult);

        workers.Dispose();
        gate.SetResult();

        await done.Task.WaitAsync(TestContext.Current.CancellationToken);
        var post = () => workers.Post(static () => { });
        post.Should().Throw<ObjectDisposedException>();
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value &&
            Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}

namespace PromHost.Interop.Tests;

/// <summary>The simulated time of a load: every batch is later than the one before. Thread-safe.</summary>
internal sealed class MixedClock
{
    private const long StepMs = 20_000;
    private TaskCompletionSource _reached = new();
    private long _timeMs = 1_700_000_000_000;
    private long _awaitedMs = long.MaxValue;

    /// <summary>The newest time that was given.</summary>
    public long NowMs => Volatile.Read(ref _timeMs);

    /// <summary>The time of the next batch.</summary>
    public long Next()
    {
        var timeMs = Interlocked.Add(ref _timeMs, StepMs);
        if (timeMs >= Volatile.Read(ref _awaitedMs)) Volatile.Read(ref _reached).TrySetResult();
        return timeMs;
    }

    /// <summary>Completes when so many more batches are on their way. One at a time.</summary>
    public Task WaitForBatchesAsync(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _reached, reached);
        Volatile.Write(ref _awaitedMs, NowMs + (count * StepMs));
        return reached.Task;
    }
}

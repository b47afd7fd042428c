// Hot path: asked after every commit.
namespace PromHost.Tsdb;

/// <summary>Wakes compaction when the head reaches far enough. The committer asks, compaction sets the mark.</summary>
internal sealed class CompactionTrigger
{
    private long _dueAtMs = long.MinValue;

    /// <summary>What to do; short, and any number of times.</summary>
    public Action? Wake { get; set; }

    /// <summary>The time that the newest sample must exceed.</summary>
    public long DueAtMs
    {
        get => Volatile.Read(ref _dueAtMs);
        set => Volatile.Write(ref _dueAtMs, value);
    }

    /// <summary>Says how far the head reaches.</summary>
    public void Observe(long maxTimeMs)
    {
        if (maxTimeMs > DueAtMs) Wake?.Invoke();
    }
}

// Hot path: filled per series that has histograms.
namespace PromHost.PromQL;

/// <summary>The samples of one kind of a series: times, samples and start timestamps. Reused from series to series.
/// </summary>
/// <typeparam name="T">A float or a histogram.</typeparam>
internal sealed class SampleLane<T>
{
    private long[] _timestampsMs = [];
    private T[] _samples = [];
    private long[] _startTimestampsMs = [];

    /// <summary>The number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Their times, ascending.</summary>
    public ReadOnlySpan<long> TimestampsMs => _timestampsMs.AsSpan(0, Count);

    /// <summary>The samples.</summary>
    public ReadOnlySpan<T> Samples => _samples.AsSpan(0, Count);

    /// <summary>When their counters started; 0 is unknown.</summary>
    public ReadOnlySpan<long> StartTimestampsMs => _startTimestampsMs.AsSpan(0, Count);

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        // Histograms are large: an idle thread does not keep them alive.
        _samples.AsSpan(0, Count).Clear();
        Count = 0;
    }

    /// <summary>Appends a sample.</summary>
    public void Add(long timestampMs, T sample, long startTimestampMs)
    {
        if (Count == _samples.Length) Grow();
        _timestampsMs[Count] = timestampMs;
        _startTimestampsMs[Count] = startTimestampMs;
        _samples[Count++] = sample;
    }

    private void Grow()
    {
        var size = Math.Max(256, Count * 2);
        Array.Resize(ref _timestampsMs, size);
        Array.Resize(ref _samples, size);
        Array.Resize(ref _startTimestampsMs, size);
    }
}

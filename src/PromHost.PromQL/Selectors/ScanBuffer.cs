// Hot path: filled per series.
using System.Runtime.InteropServices;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>The scratch memory in which one thread evaluates one series after another.</summary>
internal sealed class ScanBuffer
{
    /// <summary>
    /// What a kernel keeps at most for each sample beside it: copies, in their order or sorted, and sums before it.
    /// </summary>
    public const long KernelBytesPerSample = 40;

    private readonly SampleColumns _columns = new(new HistogramPool());
    private int _longest;
    private long[] _timestampsMs = [];
    private double[] _values = [];
    private long _total;
    private long _read;
    private long _decoded;

    /// <summary>Ends the reading of a long series.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>What the buffer takes in memory.</summary>
    public long SizeBytes => _columns.SizeBytes + _values.Length * 16L +
        (KernelState is null ? 0 : _longest * KernelBytesPerSample);

    /// <summary>How much of it is accounted for.</summary>
    public long HeldBytes { get; set; }

    /// <summary>A kernel's own memory, kept from series to series; belongs to the operator around.</summary>
    public object? KernelState { get; set; }

    /// <summary>Counts samples as upstream's statistics do; <see cref="FlushTo"/> hands them on.</summary>
    public void Count(long total, long read)
    {
        _total += total;
        _read += read;
    }

    /// <summary>Counts a sample that came from the storage without <see cref="Read"/>.</summary>
    public void CountDecoded() => _decoded++;

    /// <summary>Hands on what was counted.</summary>
    public void FlushTo(QuerySampleCounts counts, PlanNode node)
    {
        node.CountRead(_decoded);
        counts.Add(_total, _read);
        _total = 0;
        _read = 0;
        _decoded = 0;
    }

    /// <summary>Reads the samples of a series, staleness markers included.</summary>
    /// <returns>Valid until the next call, the histograms in it too.</returns>
    public SampleColumns Read(SeriesSet set, in SeriesEntry entry, long minTimeMs, long maxTimeMs)
    {
        _columns.Clear();
        _columns.Cancellation = Cancellation;
        set.ReadSamples(entry, minTimeMs, maxTimeMs, _columns);
        _decoded += _columns.Count;
        _longest = Math.Max(_longest, _columns.Count);
        return _columns;
    }

    /// <summary>The samples of a series of floats without staleness markers.</summary>
    /// <param name="columns">As read; without histograms.</param>
    /// <param name="timestampsMs">Valid until the next call.</param>
    /// <param name="values">Valid until the next call.</param>
    public void WithoutMarkers(
        SampleColumns columns, out ReadOnlySpan<long> timestampsMs, out ReadOnlySpan<double> values)
    {
        timestampsMs = columns.TimestampsMs;
        values = columns.Values;
        if (MemoryMarshal.Cast<double, long>(values).Contains(StaleMarker.Bits))
            Compact(columns, out timestampsMs, out values);
    }

    private void Compact(
        SampleColumns columns, out ReadOnlySpan<long> timestampsMs, out ReadOnlySpan<double> values)
    {
        if (_values.Length < columns.Count)
        {
            _timestampsMs = new long[columns.Count];
            _values = new double[columns.Count];
        }

        var count = 0;
        for (var i = 0; i < columns.Count; i++)
        {
            if (StaleMarker.Is(columns.Values[i])) continue;
            _timestampsMs[count] = columns.TimestampsMs[i];
            _values[count++] = columns.Values[i];
        }

        timestampsMs = _timestampsMs.AsSpan(0, count);
        values = _values.AsSpan(0, count);
    }
}

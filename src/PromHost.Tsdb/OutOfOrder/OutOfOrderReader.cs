using System.Collections.Concurrent;
using PromHost.Codecs;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Reads the out-of-order samples that a view sees. Thread-safe.</summary>
/// <param name="head">The head.</param>
/// <param name="commit">The view's commit.</param>
internal sealed class OutOfOrderReader(Head head, ulong commit)
{
    private readonly ConcurrentBag<SampleColumns> _scratches = [];

    /// <summary>May the series have such a sample in a range of time (both ends inclusive)?</summary>
    public bool MayOverlap(int series, long minTimeMs, long maxTimeMs) =>
        head.OutOfOrder.TryGet(series, out var found) && found.Read(commit).MayOverlap(minTimeMs, maxTimeMs);

    /// <summary>Appends the samples of a series, those in order and the others, each timestamp once.</summary>
    /// <param name="series">The series.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="inOrder">The samples in order in this range.</param>
    /// <param name="columns">Where to append.</param>
    /// <exception cref="StorageReadException">A chunk is damaged.</exception>
    public void Merge(int series, long minTimeMs, long maxTimeMs, SampleColumns inOrder, SampleColumns columns)
    {
        var others = Rent();
        if (head.OutOfOrder.TryGet(series, out var found)) Read(found, minTimeMs, maxTimeMs, others);
        if (!ColumnMerge.IsAscending(others.TimestampsMs))
        {
            var sorted = Rent();
            ColumnMerge.AppendSorted(others, sorted);
            Return(others);
            others = sorted;
        }

        ColumnMerge.Append(inOrder, others, columns);
        Return(others);
    }

    /// <summary>Lends empty columns.</summary>
    public SampleColumns Rent() => _scratches.TryTake(out var columns) ? columns : new SampleColumns();

    /// <summary>Takes columns back.</summary>
    public void Return(SampleColumns columns)
    {
        columns.Clear();
        _scratches.Add(columns);
    }

    private void Read(OutOfOrderSeries series, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        var content = series.Read(commit);
        foreach (ref readonly var chunk in content.AllChunks)
        {
            if (chunk.MinTimeMs <= maxTimeMs && chunk.MaxTimeMs >= minTimeMs)
                ReadChunk(series.Series, chunk.Reference, minTimeMs, maxTimeMs, columns);
        }

        foreach (ref readonly var sample in content.OpenSamples)
        {
            if (sample.TimestampMs >= minTimeMs && sample.TimestampMs <= maxTimeMs)
                OutOfOrderChunks.Add(sample, columns);
        }
    }

    private void ReadChunk(int series, ulong reference, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        try
        {
            var data = head.FullChunks.Read(reference, out var encoding);
            if (ChunkColumns.TryAppend(encoding, data, minTimeMs, maxTimeMs, columns)) return;
        }
        catch (CorruptDataException error)
        {
            throw new StorageReadException(
                $"an out-of-order chunk of series {head.Table.LabelsOf(series)} is damaged: {error.Message}", error);
        }

        throw new StorageReadException(
            $"an out-of-order chunk of series {head.Table.LabelsOf(series)} cannot be decoded");
    }
}

using PromHost.Chunks;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Makes ascending chunks of those of a foreign writer that overlap, do not ascend, or hold other times than their
/// index says: all samples of the series are decoded, sorted and encoded anew. Prometheus copies such chunks as they
/// are until it merges them with others. Keeps its buffers; for one thread.
/// </summary>
internal sealed class ChunkReorder
{
    private readonly SampleColumns _columns = new();
    private readonly ChunkBuilder _builder = new();

    /// <summary>Do chunks overlap, or not ascend?</summary>
    public static bool IsNeeded(ReadOnlySpan<EncodedChunk> chunks)
    {
        for (var i = 1; i < chunks.Length; i++)
        {
            if (chunks[i].MinTimeMs <= chunks[i - 1].MaxTimeMs) return true;
        }

        return false;
    }

    /// <summary>Puts ascending chunks of the same samples in the place of chunks.</summary>
    /// <param name="chunks">
    /// The chunks of one series; of samples with equal timestamps that of the first one stays. Afterwards their bytes
    /// are valid until <see cref="Release"/>.
    /// </param>
    /// <returns>False when one of them cannot be decoded; then they are as they were.</returns>
    public bool TryRun(List<EncodedChunk> chunks)
    {
        _columns.Clear();
        var rules = ChunkRules.Merged;
        foreach (var chunk in chunks)
        {
            if (!ChunkColumns.TryAppend(
                chunk.Encoding, chunk.Data.Span, long.MinValue, long.MaxValue, _columns))
                return false;
            // No start timestamp is lost.
            if (!ChunkEncodings.HasStartTimestamps(chunk.Encoding)) continue;
            rules = ChunkEncodings.IsHistogram(chunk.Encoding)
                ? rules with { WritesHistogramStartTimestamps = true }
                : rules with { WritesStartTimestamps = true };
        }

        if (!ColumnOrder.IsAscending(_columns.TimestampsMs)) ColumnOrder.Restore(_columns, 0);
        chunks.Clear();
        _builder.Begin(rules, chunks);
        _builder.Append(_columns, 0, _columns.Count);
        _builder.End();
        return true;
    }

    /// <summary>The bytes of the chunks made so far are not used any more.</summary>
    public void Release() => _builder.Release();
}

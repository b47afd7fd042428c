using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Looks up single stored out-of-order samples. For the committer: it keeps the last chunk decoded, because such
/// look-ups come in runs.
/// </summary>
internal sealed class OutOfOrderSamples(FullChunks fullChunks)
{
    private readonly SampleColumns _columns = new();
    private ulong _decoded;

    /// <summary>Finds the stored sample of a timestamp.</summary>
    /// <returns>False when there is none, or its chunk cannot be read.</returns>
    public bool TryFind(OutOfOrderSeries series, long timestampMs, out StoredSample found)
    {
        foreach (ref readonly var sample in series.Now.OpenSamples)
        {
            if (sample.TimestampMs != timestampMs) continue;
            found = new StoredSample(sample.Value, sample.Histogram);
            return true;
        }

        foreach (ref readonly var chunk in series.Now.AllChunks)
        {
            if (timestampMs < chunk.MinTimeMs || timestampMs > chunk.MaxTimeMs || !TryDecode(chunk)) continue;
            var index = _columns.TimestampsMs.BinarySearch(timestampMs);
            if (index < 0) continue;
            found = new StoredSample(
                _columns.Values[index], _columns.Histograms.IsEmpty ? null : _columns.Histograms[index]);
            return true;
        }

        found = default;
        return false;
    }

    /// <summary>The samples of a chunk; empty when it cannot be read. Valid until the next call.</summary>
    public SampleColumns Decode(in MappedChunk chunk)
    {
        if (!TryDecode(chunk)) _columns.Clear();
        return _columns;
    }

    private bool TryDecode(in MappedChunk chunk)
    {
        if (chunk.Reference == _decoded && _columns.Count > 0) return true;
        _columns.Clear();
        _decoded = chunk.Reference;
        return fullChunks.TryRead(chunk.Reference, out var encoding, out var data) &&
            ChunkColumns.TryAppend(encoding, data, long.MinValue, long.MaxValue, _columns);
    }
}

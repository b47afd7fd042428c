using System.Runtime.InteropServices;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Looks up single stored samples, for offered ones that are not newer than their series. For the committer: it keeps
/// the last chunk decoded, because such samples come in runs.
/// </summary>
internal sealed class StoredSamples(SeriesStore store, FullChunks fullChunks)
{
    private readonly SampleColumns _columns = new();
    private Key _decoded;

    /// <summary>Finds the stored sample of a timestamp.</summary>
    /// <returns>False when there is none, or its chunk cannot be read.</returns>
    public bool TryFind(int series, long timestampMs, out StoredSample found)
    {
        found = default;
        if (!TryDecode(series, timestampMs)) return false;
        var index = _columns.TimestampsMs.BinarySearch(timestampMs);
        if (index < 0) return false;
        found = new StoredSample(
            _columns.Values[index], _columns.Histograms.IsEmpty ? null : _columns.Histograms[index]);
        return true;
    }

    /// <summary>Sets what is decided of a series to the newest sample that was applied.</summary>
    public void Settle(int series, ref SeriesState state, long lastTimeMs)
    {
        state.DecidedTimeMs = lastTimeMs;
        state.DecidedKind = SampleKind.Float;
        state.DecidedBits = 0;
        if (state.Encoder.Count > 0)
        {
            state.DecidedBits = state.Encoder.LastValueBits;
        }
        else if (TryFind(series, lastTimeMs, out var last))
        {
            state.DecidedBits = BitConverter.DoubleToUInt64Bits(last.Value);
            state.DecidedKind = last.Kind;
        }
    }

    private bool TryDecode(int series, long timestampMs)
    {
        ref readonly var state = ref store.State(series);
        if (state.HasOpenChunk && timestampMs >= state.MinTimeMs) return TryDecodeOpen(in state);
        foreach (var chunk in store.Mapped(series).AsSpan(0, state.MappedCount))
        {
            if (chunk.MaxTimeMs < timestampMs) continue;
            if (chunk.MinTimeMs > timestampMs) return false;
            var key = new Key(state.WalRef, chunk.Reference, 0, chunk.MinTimeMs);
            if (key == _decoded) return true;
            Begin();
            if (!fullChunks.TryRead(chunk.Reference, out var encoding, out var data) ||
                !ChunkColumns.TryAppend(encoding, data, long.MinValue, long.MaxValue, _columns))
                return false;
            _decoded = key;
            return true;
        }

        return false;
    }

    private bool TryDecodeOpen(ref readonly SeriesState state)
    {
        var histograms = state.HasHistogram ? store.Histograms.Get(state.Buffer) : null;
        var count = histograms?.Count ?? state.Encoder.Count;
        var key = new Key(state.WalRef, 0, count, state.MinTimeMs);
        if (key == _decoded) return true;
        Begin();
        var isRead = histograms is null
            ? ChunkColumns.TryAppendFloats(
                store.Buffers.Get(state.Buffer, state.BufferOrder)[..state.Encoder.LengthBytes],
                count,
                long.MinValue,
                long.MaxValue,
                _columns)
            : ChunkColumns.TryAppendFirst(
                histograms.Encoding,
                histograms.Bytes.AsSpan(0, histograms.LengthBytes),
                count,
                long.MinValue,
                long.MaxValue,
                _columns);
        if (isRead) _decoded = key;
        return isRead;
    }

    private void Begin()
    {
        _decoded = default;
        _columns.Clear();
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(ulong WalRef, ulong Reference, int OpenCount, long MinTimeMs);
}

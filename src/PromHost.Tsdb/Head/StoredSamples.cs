using System.Runtime.InteropServices;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>
/// Looks up single stored samples, for offered ones that are not newer than their series. For the committer: it keeps
/// the last chunk decoded, because such samples come in runs.
/// </summary>
internal sealed class StoredSamples(SeriesStore store, FullChunks fullChunks)
{
    private long[] _timestampsMs = new long[256];
    private double[] _values = new double[256];
    private int _count;
    private Key _decoded;

    /// <summary>Finds the stored sample of a timestamp.</summary>
    /// <returns>False when there is none, or its chunk cannot be read.</returns>
    public bool TryFind(int series, long timestampMs, out ulong valueBits)
    {
        valueBits = 0;
        if (!TryDecode(series, timestampMs)) return false;
        var index = _timestampsMs.AsSpan(0, _count).BinarySearch(timestampMs);
        if (index < 0) return false;
        valueBits = BitConverter.DoubleToUInt64Bits(_values[index]);
        return true;
    }

    private bool TryDecode(int series, long timestampMs)
    {
        ref readonly var state = ref store.State(series);
        if (state.Encoder.Count > 0 && timestampMs >= state.MinTimeMs)
        {
            var open = store.Buffers.Get(state.Buffer, state.BufferOrder)[..state.Encoder.LengthBytes];
            return TryDecode(new Key(state.WalRef, 0, state.Encoder.Count, state.MinTimeMs), open);
        }

        foreach (var chunk in store.Mapped(series).AsSpan(0, state.MappedCount))
        {
            if (chunk.MaxTimeMs < timestampMs) continue;
            if (chunk.MinTimeMs > timestampMs) return false;
            var key = new Key(state.WalRef, chunk.Reference, 0, chunk.MinTimeMs);
            return key == _decoded || (fullChunks.TryRead(chunk.Reference, out var data) && TryDecode(key, data));
        }

        return false;
    }

    private bool TryDecode(Key key, ReadOnlySpan<byte> chunk)
    {
        if (key == _decoded) return true;
        _decoded = default;
        if (!XorChunkDecoder.TryReadCount(chunk, out var count)) return false;
        if (count > _values.Length)
        {
            _timestampsMs = new long[count];
            _values = new double[count];
        }

        if (!XorChunkDecoder.TryDecode(chunk, _timestampsMs, _values, out _count)) return false;
        _decoded = key;
        return true;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(ulong WalRef, ulong Reference, int OpenCount, long MinTimeMs);
}

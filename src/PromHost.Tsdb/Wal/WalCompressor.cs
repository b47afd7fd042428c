// Hot path: called once per logged record.
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>Compresses records for the write-ahead log where that makes them smaller. One thread at a time.</summary>
internal sealed class WalCompressor
{
    private readonly WalCompression _kind;
    private readonly SnappyEncoder _snappy = new();
    private readonly ZstdEncoder? _zstd;
    private byte[] _compressed = [];

    /// <summary>Makes a compressor.</summary>
    /// <exception cref="IOException">The machine lacks the library.</exception>
    public WalCompressor(WalCompression kind)
    {
        _kind = kind;
        if (kind != WalCompression.Zstd) return;
        _zstd = ZstdEncoder.TryLoad() ?? throw new IOException(
            $"compressing the write-ahead log with zstd needs the package {ZstdDecoder.PackageName}");
    }

    /// <summary>Bytes of the buffer.</summary>
    public int CapacityBytes => _compressed.Length;

    /// <summary>What is to stand in the log for a record; valid until the next call.</summary>
    /// <param name="record">The record.</param>
    /// <param name="flags">The compression flag of <see cref="WalFormat"/>, or 0.</param>
    public ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> record, out byte flags)
    {
        flags = 0;
        if (_kind == WalCompression.None) return record;
        var bound = _zstd?.MaxEncodedLength(record.Length) ?? SnappyEncoder.MaxEncodedLength(record.Length);
        if (_compressed.Length < bound)
            _compressed = GC.AllocateUninitializedArray<byte>(Math.Max(bound, 2 * _compressed.Length));
        var length = _zstd?.Encode(record, _compressed) ?? _snappy.Encode(record, _compressed);
        if (length >= record.Length) return record;
        flags = _zstd is null ? WalFormat.SnappyFlag : WalFormat.ZstdFlag;
        return _compressed.AsSpan(0, length);
    }
}

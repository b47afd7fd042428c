namespace PromHost.Codecs;

/// <summary>
/// Encodes zstd frames (RFC 8878) with the system's <c>libzstd.so.1</c>. Thread-safe; the library stays loaded.
/// </summary>
public sealed unsafe class ZstdEncoder
{
    // Of the levels that suit a log, the one that Prometheus's encoder comes near to.
    private const int Level = 1;

    private readonly delegate* unmanaged<byte*, nuint, byte*, nuint, int, nuint> _compress;
    private readonly delegate* unmanaged<nuint, nuint> _bound;
    private readonly delegate* unmanaged<nuint, uint> _isError;

    private ZstdEncoder(nint library)
    {
        _compress = (delegate* unmanaged<byte*, nuint, byte*, nuint, int, nuint>)ZstdLibrary.Export(
            library, "ZSTD_compress");
        _bound = (delegate* unmanaged<nuint, nuint>)ZstdLibrary.Export(library, "ZSTD_compressBound");
        _isError = (delegate* unmanaged<nuint, uint>)ZstdLibrary.Export(library, "ZSTD_isError");
    }

    /// <summary>Loads the library; null when the machine has none.</summary>
    public static ZstdEncoder? TryLoad() => ZstdLibrary.TryLoad(out var library) ? new ZstdEncoder(library) : null;

    /// <summary>The longest frame that so many bytes can become.</summary>
    public int MaxEncodedLength(int length) => checked((int)_bound((nuint)length));

    /// <summary>Encodes bytes as one frame and returns its length.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="destination">At least <see cref="MaxEncodedLength"/> long.</param>
    public int Encode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < MaxEncodedLength(source.Length))
            throw new ArgumentException("no room for the longest frame", nameof(destination));
        fixed (byte* from = source, to = destination)
        {
            var result = _compress(to, (nuint)destination.Length, from, (nuint)source.Length, Level);
            if (_isError(result) != 0) throw new InvalidOperationException("zstd could not encode");
            return (int)result;
        }
    }
}

using System.Runtime.InteropServices;

namespace PromHost.Codecs;

/// <summary>
/// Decodes zstd frames (RFC 8878) with the system's <c>libzstd.so.1</c>, loaded when asked for: whoever never meets a
/// zstd frame needs no library. Thread-safe; the library stays loaded.
/// </summary>
public sealed unsafe class ZstdDecoder
{
    /// <summary>The Debian package that holds the library, for messages.</summary>
    public const string PackageName = "libzstd1";

    // Results of ZSTD_getFrameContentSize.
    private const ulong UnknownSize = ulong.MaxValue;
    private const ulong NotAFrame = ulong.MaxValue - 1;

    private readonly delegate* unmanaged<byte*, nuint, ulong> _contentSize;
    private readonly delegate* unmanaged<byte*, nuint, byte*, nuint, nuint> _decompress;
    private readonly delegate* unmanaged<nuint, uint> _isError;

    private ZstdDecoder(nint library)
    {
        _contentSize =
            (delegate* unmanaged<byte*, nuint, ulong>)ZstdLibrary.Export(library, "ZSTD_getFrameContentSize");
        _decompress = (delegate* unmanaged<byte*, nuint, byte*, nuint, nuint>)
            ZstdLibrary.Export(library, "ZSTD_decompress");
        _isError = (delegate* unmanaged<nuint, uint>)ZstdLibrary.Export(library, "ZSTD_isError");
    }

    /// <summary>Loads the library; null when the machine has none.</summary>
    public static ZstdDecoder? TryLoad() => ZstdLibrary.TryLoad(out var library) ? new ZstdDecoder(library) : null;

    /// <summary>Decodes a frame.</summary>
    /// <param name="source">The frame, all of it; hostile bytes are safe.</param>
    /// <param name="destination">Receives the result from index 0 on; replaced by a longer array where needed.</param>
    /// <param name="maxBytes">The longest result accepted.</param>
    /// <param name="written">The length of the result.</param>
    /// <returns>False when the frame is malformed or its result is too long.</returns>
    public bool TryDecode(ReadOnlySpan<byte> source, ref byte[] destination, int maxBytes, out int written)
    {
        written = 0;
        fixed (byte* from = &MemoryMarshal.GetReference(source))
        {
            var claimed = _contentSize(from, (nuint)source.Length);
            if (claimed == NotAFrame || (claimed != UnknownSize && claimed > (ulong)maxBytes))
                return false;
            var room = claimed == UnknownSize ? Math.Min(maxBytes, 64L * 1024) : (long)claimed;
            while (true)
            {
                if (destination.Length < room)
                    destination = GC.AllocateUninitializedArray<byte>((int)room);
                nuint result;
                fixed (byte* to = &MemoryMarshal.GetArrayDataReference(destination))
                    result = _decompress(to, (nuint)Math.Min(destination.Length, maxBytes), from, (nuint)source.Length);
                if (_isError(result) == 0)
                {
                    written = (int)result;
                    return true;
                }

                // Only a result of unknown length may have needed more room.
                if (claimed != UnknownSize || destination.Length >= maxBytes)
                    return false;
                room = Math.Min(maxBytes, destination.Length * 4L);
            }
        }
    }
}

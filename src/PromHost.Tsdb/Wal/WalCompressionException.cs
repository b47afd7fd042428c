using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// A record of the write-ahead log is compressed with zstd, which needs a library that is not there. Not damage:
/// nothing may be repaired or removed because of it.
/// </summary>
public sealed class WalCompressionException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The segment.</param>
    /// <param name="offsetBytes">Where the record begins.</param>
    public WalCompressionException(string path, long offsetBytes)
        : base($"{path}: offset {offsetBytes}: the record is compressed with zstd, which needs the package "
            + $"{ZstdDecoder.PackageName}: install it and start again; nothing was changed")
    {
    }
}

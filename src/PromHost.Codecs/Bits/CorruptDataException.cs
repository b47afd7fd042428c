namespace PromHost.Codecs;

/// <summary>
/// Bytes from a file or the wire are not what their format promises. Names the source and the offset, so that the
/// damaged place can be found.
/// </summary>
public sealed class CorruptDataException : Exception
{
    /// <summary>Creates the exception for damage at a known place.</summary>
    /// <param name="message">What is wrong, without place.</param>
    /// <param name="source">The file (path below the data directory) or message that holds the bytes.</param>
    /// <param name="offsetBytes">Offset of the damage within <paramref name="source"/>.</param>
    public CorruptDataException(string message, string source, long offsetBytes)
        : base($"{source}: offset {offsetBytes}: {message}")
    {
        FileName = source;
        OffsetBytes = offsetBytes;
    }

    /// <summary>Creates the exception where the caller does not know the place.</summary>
    public CorruptDataException(string message)
        : base(message)
    {
        FileName = "";
        OffsetBytes = -1;
    }

    /// <summary>The file or message that holds the damaged bytes; empty when unknown.</summary>
    public string FileName { get; }

    /// <summary>Offset of the damage in bytes; -1 when unknown.</summary>
    public long OffsetBytes { get; }
}

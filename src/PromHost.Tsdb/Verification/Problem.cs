using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>Something in a file that is not as its format promises.</summary>
/// <param name="Path">The file or directory, below the data directory.</param>
/// <param name="OffsetBytes">Where in the file; -1 where it is about the whole.</param>
/// <param name="Message">What is wrong.</param>
public readonly record struct Problem(string Path, long OffsetBytes, string Message)
{
    /// <summary>File, offset and what is wrong, for people.</summary>
    public override string ToString() => OffsetBytes < 0
        ? $"{Path}: {Message}"
        : string.Create(CultureInfo.InvariantCulture, $"{Path}: offset {OffsetBytes}: {Message}");
}

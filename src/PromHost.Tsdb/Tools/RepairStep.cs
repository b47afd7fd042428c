using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>What a repair did, or would do, about a damaged part of a data directory.</summary>
/// <param name="Path">The file or block, below the data directory.</param>
/// <param name="OffsetBytes">Where the damage begins; -1 where it is about the whole.</param>
/// <param name="Message">What is wrong and what became of it.</param>
/// <param name="QuarantinedAs">Where the damaged bytes are kept; null when there are none.</param>
public sealed record RepairStep(string Path, long OffsetBytes, string Message, string? QuarantinedAs)
{
    /// <summary>All of it in a line.</summary>
    public override string ToString()
    {
        var offset = OffsetBytes < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" offset {OffsetBytes}:");
        return $"{Path}:{offset} {Message}" + (QuarantinedAs is null ? "" : $"; the original: {QuarantinedAs}");
    }
}

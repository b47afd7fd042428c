using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>What a reader needs of a series, all of one moment.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SeriesSnapshot
{
    /// <summary>The full chunks; entries behind <see cref="MappedCount"/> are not the reader's.</summary>
    public MappedChunk[]? Mapped;

    /// <summary>The number of full chunks.</summary>
    public int MappedCount;

    /// <summary>Samples in the open chunk.</summary>
    public int OpenCount;

    /// <summary>Bytes of the open chunk.</summary>
    public int OpenLength;

    /// <summary>Timestamp of the open chunk's first sample.</summary>
    public long OpenMinTimeMs;

    /// <summary>Timestamp of the open chunk's last sample.</summary>
    public long LastTimeMs;

    /// <summary>Value of the open chunk's last sample, if that is a float.</summary>
    public double LastValue;

    /// <summary>Begins with the open chunk when it lies in <see cref="OpenHistograms"/>, else null.</summary>
    public byte[]? OpenHistograms;

    /// <summary>The encoding of the open chunk.</summary>
    public byte OpenEncoding;

    /// <summary>The commit that appended last.</summary>
    public ulong LastCommit;

    /// <summary>The newest timestamp before that commit.</summary>
    public long TimeBeforeCommitMs;

    /// <summary>Has the series samples that came out of order? The rest says nothing of them.</summary>
    public bool HasOutOfOrder;

    /// <summary>Is there no sample in order?</summary>
    public readonly bool IsEmpty => OpenCount == 0 && MappedCount == 0;

    /// <summary>Timestamp of the first sample; the series is not empty.</summary>
    public readonly long FirstTimeMs => MappedCount > 0 ? Mapped![0].MinTimeMs : OpenMinTimeMs;

    /// <summary>Timestamp of the last sample; the series is not empty.</summary>
    public readonly long NewestTimeMs => OpenCount > 0 ? LastTimeMs : Mapped![MappedCount - 1].MaxTimeMs;
}

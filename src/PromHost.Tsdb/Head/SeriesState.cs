using System.Runtime.InteropServices;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>
/// A series of the head (Prometheus: <c>memSeries</c>). The committer is the only writer; readers copy it under
/// <see cref="Version"/>, see <see cref="SeriesStore"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeriesState
{
    /// <summary>
    /// State of the open chunk, which holds the last sample; empty before the first one, and when it is a histogram.
    /// </summary>
    public XorChunkEncoder Encoder;

    /// <summary>Timestamp of the open chunk's first sample.</summary>
    public long MinTimeMs;

    /// <summary>The open chunk takes no sample of this time or later.</summary>
    public long CutAtMs;

    /// <summary>The newest timestamp accepted, applied or about to be. Only for the committer.</summary>
    public long DecidedTimeMs;

    /// <summary>The value's bits of the sample at <see cref="DecidedTimeMs"/>. Only for the committer.</summary>
    public ulong DecidedBits;

    /// <summary>The commit that appended last.</summary>
    public ulong LastCommit;

    /// <summary>The newest timestamp before <see cref="LastCommit"/>; views older than that commit stop here.</summary>
    public long TimeBeforeCommitMs;

    /// <summary>The number that the series has in the WAL and in chunk files.</summary>
    public ulong WalRef;

    /// <summary>Odd while the committer changes the fields that readers use.</summary>
    public uint Version;

    /// <summary>The open chunk in <see cref="ChunkBuffers"/> or <see cref="OpenHistograms"/>.</summary>
    public uint Buffer;

    /// <summary>Labels and what finds the series by them, in <see cref="SeriesTable"/>.</summary>
    public ulong Record;

    /// <summary>The number of full chunks.</summary>
    public int MappedCount;

    /// <summary>Size of <see cref="Buffer"/> as a power of two, or <see cref="OpenHistograms.Order"/>.</summary>
    public byte BufferOrder;

    /// <summary>Encodings of the labels that are remembered.</summary>
    public byte AliasCount;

    /// <summary>Is the series record in the WAL? Only for the committer.</summary>
    public bool IsLogged;

    /// <summary>
    /// Is the series gone from the table? Batches that found it before still have it. Written by the committer under
    /// the table's lock.
    /// </summary>
    public bool IsGone;

    /// <summary>Has the series samples that came out of order: <see cref="OutOfOrderHead"/>?</summary>
    public bool HasOutOfOrder;

    /// <summary>What the sample at <see cref="DecidedTimeMs"/> is. Only for the committer.</summary>
    public SampleKind DecidedKind;

    /// <summary>Is the open chunk one of native histograms, or an XOR2 chunk?</summary>
    public readonly bool HasHistogram => BufferOrder == OpenHistograms.Order;

    /// <summary>Is there an open chunk?</summary>
    public readonly bool HasOpenChunk => Encoder.Count > 0 || HasHistogram;
}

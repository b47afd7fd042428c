using System.Globalization;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Names a place in a write-ahead log, and tells whether another log is the same up to that place: by checksums of the
/// bytes before it, so that a log that was replaced, cut or repaired is not taken for it.
/// </summary>
/// <param name="Position">The place: where a record ends.</param>
/// <param name="Checkpoint">
/// The newest checkpoint's number, -1 for none: a later one leaves out series and samples.
/// </param>
/// <param name="CheckpointBytes">Its size.</param>
/// <param name="TailChecksum">CRC-32C of the bytes before the place in its segment, 64 KiB at most.</param>
/// <param name="PreviousBytes">Length of the segment before it; -1 when there is none.</param>
/// <param name="PreviousChecksum">CRC-32C of the end of that segment.</param>
internal readonly record struct WalAnchor(
    WalPosition Position,
    int Checkpoint,
    long CheckpointBytes,
    uint TailChecksum,
    long PreviousBytes,
    uint PreviousChecksum)
{
    private const int TailBytes = 64 * 1024;

    /// <summary>Takes it. What lies before the place is written and stays as it is.</summary>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static WalAnchor Take(IDataDirectory directory, string walPath, WalPosition position)
    {
        var checkpoint = WalSegments.LastCheckpoint(directory, walPath);
        var checkpointBytes = checkpoint < 0
            ? 0
            : WalSegments.SizeBytes(directory, WalSegments.CheckpointPathOf(walPath, checkpoint));
        var tail = ChecksumBefore(directory, WalSegments.PathOf(walPath, position.Segment), position.OffsetBytes);
        var previous = WalSegments.PathOf(walPath, position.Segment - 1);
        if (position.Segment - 1 <= checkpoint || !directory.FileExists(previous))
            return new WalAnchor(position, checkpoint, checkpointBytes, tail, -1, 0);
        long length;
        using (var file = directory.OpenRead(previous)) length = file.Length;
        var previousTail = ChecksumBefore(directory, previous, length);
        return new WalAnchor(position, checkpoint, checkpointBytes, tail, length, previousTail);
    }

    /// <summary>Why the log of a directory is not the one that this was taken of; null when it is.</summary>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public string? Mismatch(IDataDirectory directory, string walPath)
    {
        if (WalSegments.LastCheckpoint(directory, walPath) != Checkpoint) return "a checkpoint was written since";
        var next = Checkpoint + 1;
        foreach (var segment in WalSegments.List(directory, walPath))
        {
            if (segment.Number > Checkpoint && segment.Number != next++) return "a segment of the log is missing";
        }

        if (Position.Segment <= Checkpoint || Position.Segment >= next) return "the log ends before it";
        return Take(directory, walPath, Position) == this ? null : "the log was changed since";
    }

    /// <summary>
    /// What this names and is missing from a log: its checkpoint when there is none of its age any more, and its
    /// segment when nothing took its place. A later segment or checkpoint means that the log has gone on without it.
    /// </summary>
    public IReadOnlyList<Damage> FindMissing(IDataDirectory directory, string walPath)
    {
        var missing = new List<Damage>();
        var checkpoint = WalSegments.LastCheckpoint(directory, walPath);
        if (checkpoint < Checkpoint)
        {
            missing.Add(new Damage(
                WalSegments.CheckpointPathOf(walPath, Checkpoint),
                0,
                "missing, though the head image names it; so are series and samples that only it held",
                null));
        }

        var last = WalSegments.List(directory, walPath).Select(segment => segment.Number).DefaultIfEmpty(-1).Max();
        if (Position.Segment > Math.Max(last, checkpoint))
        {
            missing.Add(new Damage(
                WalSegments.PathOf(walPath, Math.Max(Math.Max(last, checkpoint), Checkpoint) + 1),
                0,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"missing, and all segments behind it: the head image names offset {Position.OffsetBytes} of ") +
                $"{WalFormat.SegmentName(Position.Segment)}; samples that only they held are lost",
                null));
        }

        return missing;
    }

    private static uint ChecksumBefore(IDataDirectory directory, string path, long endBytes)
    {
        var bytes = new byte[Math.Min(TailBytes, endBytes)];
        using var file = directory.OpenRead(path);
        var count = file.ReadFully(bytes, endBytes - bytes.Length);
        // A file that is shorter has another checksum, most likely, and is found out by its length as well.
        return Crc32C.Compute(bytes.AsSpan(0, count)) + (uint)(bytes.Length - count);
    }
}

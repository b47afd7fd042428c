using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// A head image that was found sound by itself and to belong to the log: every checksum holds, and the log up to the
/// image's place is the one that it was made from. Mapped until it is disposed of. Any thread reads it.
/// </summary>
internal sealed class HeadImage : IDisposable
{
    private const int AnchorBytes = (6 * sizeof(long)) + (2 * sizeof(uint));

    private readonly MappedFile _map;
    private readonly List<(ImageSectionKind Kind, int OffsetBytes, int LengthBytes)> _sections = [];
    private long _blockRangeMs;

    private HeadImage(MappedFile map) => _map = map;

    /// <summary>The place in the log from which on it is to be replayed.</summary>
    public WalPosition Position => Anchor.Position;

    /// <summary>Size of the image.</summary>
    public long SizeBytes => _map.LengthBytes;

    /// <summary>The series in it.</summary>
    public int Series { get; private set; }

    /// <summary>The highest number that was given to a series.</summary>
    public ulong LastWalRef { get; private set; }

    /// <summary>What was before it had left the head.</summary>
    public long MinValidTimeMs { get; private set; }

    /// <summary>The log that it belongs to.</summary>
    public WalAnchor Anchor { get; private set; }

    /// <summary>The sections, in order.</summary>
    public IEnumerable<(ImageSectionKind Kind, int Index)> Sections =>
        _sections.Select((section, index) => (section.Kind, index));

    /// <summary>Opens the image of a data directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="walPath">The log's directory in it.</param>
    /// <param name="blockRangeMs">Length of a block: open chunks end at its borders.</param>
    /// <param name="problem">Why there is none that can be used; null when there is none at all.</param>
    public static HeadImage? TryOpen(
        IDataDirectory directory, string walPath, long blockRangeMs, out string? problem) =>
        TryOpen(directory, walPath, blockRangeMs, out problem, out _);

    /// <summary>The same, and tells what of the log is missing that a sound image names.</summary>
    public static HeadImage? TryOpen(
        IDataDirectory directory,
        string walPath,
        long blockRangeMs,
        out string? problem,
        out IReadOnlyList<Damage> missing)
    {
        problem = null;
        missing = [];
        if (!directory.FileExists(HeadImageFormat.Path)) return null;
        HeadImage? image = null;
        try
        {
            image = Map(directory, out problem);
            if (image is null) return null;
            problem = image.ReadSections() ?? image.ReadAnchor() ?? image.ReadEnd();
            if (problem is null) missing = image.Anchor.FindMissing(directory, walPath);
            problem ??= (image._blockRangeMs == blockRangeMs ? null : "blocks have another length now") ??
                image.Anchor.Mismatch(directory, walPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = error.Message;
        }

        if (problem is null) return image;
        image?.Dispose();
        return null;
    }

    /// <summary>The data of a section; valid until the image is disposed of.</summary>
    public ReadOnlySpan<byte> DataOf(int section)
    {
        var (_, offset, length) = _sections[section];
        return _map.Bytes.Slice(offset, length);
    }

    /// <summary>Where the data of a section begin.</summary>
    public int OffsetOf(int section) => _sections[section].OffsetBytes;

    /// <summary>A part of the image; valid until it is disposed of.</summary>
    public ReadOnlySpan<byte> Slice(int offsetBytes, int lengthBytes) => _map.Bytes.Slice(offsetBytes, lengthBytes);

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    private static HeadImage? Map(IDataDirectory directory, out string? problem)
    {
        long length;
        using (var file = directory.OpenRead(HeadImageFormat.Path)) length = file.Length;
        problem = length is >= HeadImageFormat.FileHeaderBytes and <= int.MaxValue
            ? null
            : "the file is too short, or over 2 GiB";
        return problem is null ? new HeadImage(directory.Map(HeadImageFormat.Path, length)) : null;
    }

    private string? ReadSections()
    {
        var file = _map.Bytes;
        if (BinaryPrimitives.ReadUInt32BigEndian(file) != HeadImageFormat.Magic)
            return "the file does not begin with the magic number";
        if (BinaryPrimitives.ReadUInt32LittleEndian(file[sizeof(uint)..]) != HeadImageFormat.Version)
            return "the version is unknown";
        var offset = HeadImageFormat.FileHeaderBytes;
        while (offset < file.Length)
        {
            var rest = file[offset..];
            if (rest.Length < HeadImageFormat.SectionHeaderBytes) return "the last section is cut short";
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest[HeadImageFormat.LengthOffset..]);
            if (length > rest.Length - HeadImageFormat.SectionHeaderBytes) return "the last section is cut short";
            var kind = (ImageSectionKind)rest[HeadImageFormat.KindOffset];
            _sections.Add((kind, offset + HeadImageFormat.SectionHeaderBytes, (int)length));
            offset += HeadImageFormat.SectionHeaderBytes + (int)length;
        }

        // On all cores.
        return Parallel.For(0, _sections.Count, StopAtDamage).IsCompleted
            ? null
            : "a section's checksum does not match";
    }

    private void StopAtDamage(int section, ParallelLoopState loop)
    {
        var (_, offset, length) = _sections[section];
        var bytes = Slice(
            offset - HeadImageFormat.SectionHeaderBytes, HeadImageFormat.SectionHeaderBytes + length);
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes) != Crc32C.Compute(bytes[HeadImageFormat.KindOffset..]))
            loop.Stop();
    }

    private string? ReadAnchor()
    {
        if (_sections.Count == 0 || _sections[0].Kind != ImageSectionKind.Anchor || DataOf(0).Length != AnchorBytes)
            return "the first section is no anchor";
        var reader = new ByteReader(DataOf(0));
        reader.TryReadInt64(out _blockRangeMs);
        reader.TryReadInt64(out var checkpoint);
        reader.TryReadInt64(out var checkpointBytes);
        reader.TryReadInt64(out var segment);
        reader.TryReadInt64(out var offset);
        reader.TryReadUInt32(out var tail);
        reader.TryReadInt64(out var previousBytes);
        reader.TryReadUInt32(out var previous);
        if (segment is < 0 or > int.MaxValue || offset < 0 || checkpoint is < -1 or > int.MaxValue)
            return "the anchor names no place";
        Anchor = new WalAnchor(
            new WalPosition((int)segment, offset), (int)checkpoint, checkpointBytes, tail, previousBytes, previous);
        return null;
    }

    private string? ReadEnd()
    {
        if (_sections[^1].Kind != ImageSectionKind.End) return "the image was not finished";
        var reader = new ByteReader(DataOf(_sections.Count - 1));
        if (!reader.TryReadInt64(out var series) || !reader.TryReadUInt64(out var lastWalRef) ||
            !reader.TryReadInt64(out var minValidTimeMs) || series is < 0 or > int.MaxValue)
            return "the end makes no sense";
        Series = (int)series;
        LastWalRef = lastWalRef;
        MinValidTimeMs = minValidTimeMs;
        return null;
    }
}

// Hot path: every series of a selection from a block is read here.
using System.Buffers;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// The index of a block, mapped (Prometheus <c>tsdb/docs/format/index.md</c>, versions 2 and 3;
/// <c>docs/formats/block-index.md</c>). Tables are checked when it is opened, postings and series whenever they are
/// read. Whatever it hands out is valid until it is disposed of. Thread-safe.
/// </summary>
internal sealed class IndexReader : IDisposable
{
    private const int ChecksumBytes = 4;

    // Room for the labels of nearly all series.
    private const int MaxStackBytes = 1024;

    private readonly IndexFile _file;
    private readonly IndexContents _contents;

    private IndexReader(IndexFile file)
    {
        _file = file;
        _contents = IndexContents.Read(file);
        Symbols = IndexSymbols.Open(file, _contents.Symbols);
        Postings = IndexPostingsTable.Open(file, _contents.PostingsTable);
    }

    /// <summary>Size of the file in bytes.</summary>
    public long SizeBytes => _file.SizeBytes;

    /// <summary>All names and values of labels.</summary>
    public IndexSymbols Symbols { get; }

    /// <summary>Label names, values and postings.</summary>
    public IndexPostingsTable Postings { get; }

    /// <summary>All refs of series are below this.</summary>
    public uint SeriesEnd => (uint)Math.Min((_contents.End / BlockFormat.SeriesUnitBytes) + 1, uint.MaxValue);

    /// <summary>Maps an index and checks its tables.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The file below it.</param>
    /// <exception cref="CorruptDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It has a version that is not read here.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IndexReader Open(IDataDirectory directory, string path)
    {
        var index = IndexFile.Open(directory, path);
        try
        {
            return new IndexReader(index);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>The entry of a series: for <see cref="ReadLabels"/>, <see cref="SkipLabels"/>.</summary>
    /// <param name="series">The ref: a sixteenth of the entry's offset.</param>
    /// <exception cref="CorruptDataException">There is no sound entry.</exception>
    public ReadOnlySpan<byte> ReadSeries(uint series)
    {
        var offset = series * (long)BlockFormat.SeriesUnitBytes;
        if (offset < _contents.Series || offset >= _contents.End) throw Corrupt(series, "there is no such series");
        var bytes = _file.Slice(offset, _contents.End);
        if (!Varint.TryReadUnsigned(bytes, out var length, out var lengthBytes) ||
            length > (ulong)Math.Max(0, bytes.Length - lengthBytes - ChecksumBytes))
            throw Corrupt(series, "the entry of a series reaches out of the section");
        var entry = bytes.Slice(lengthBytes, (int)length);
        var reader = new ByteReader(bytes[(lengthBytes + entry.Length)..]);
        if (!reader.TryReadUInt32(out var checksum) || checksum != Crc32C.Compute(entry))
            throw Corrupt(series, "the checksum of a series is wrong");
        return entry;
    }

    /// <summary>Reads the labels of a series.</summary>
    /// <param name="series">The ref.</param>
    /// <param name="entry">From <see cref="ReadSeries"/>.</param>
    /// <param name="chunks">Where in the entry its chunks are listed: for <see cref="SeriesChunkReader"/>.</param>
    /// <exception cref="CorruptDataException">The entry is not what its format promises.</exception>
    public Labels ReadLabels(uint series, ReadOnlySpan<byte> entry, out int chunks)
    {
        var reader = new ByteReader(entry);
        if (!reader.TryReadUvarint(out var count)) throw Corrupt(series, "a series without labels");
        byte[]? rented = null;
        Span<byte> encoded = stackalloc byte[MaxStackBytes];
        var length = 0;
        var isSorted = true;
        ReadOnlySpan<byte> previous = default;
        for (; count > 0; count--)
        {
            if (!reader.TryReadUvarint(out var nameNumber) || !reader.TryReadUvarint(out var valueNumber) ||
                Math.Max(nameNumber, valueNumber) > uint.MaxValue)
                throw Corrupt(series, "the labels of a series are cut off");
            var name = Symbols.Get((uint)nameNumber);
            var value = Symbols.Get((uint)valueNumber);
            if (Math.Max(name.Length, value.Length) > Labels.MaxPartSizeBytes)
                throw Corrupt(series, "a label of a series is too long");
            isSorted &= !value.IsEmpty && name.SequenceCompareTo(previous) > 0;
            previous = name;
            var needed = LabelsEncoding.SizeOf(name.Length) + LabelsEncoding.SizeOf(value.Length);
            if (encoded.Length - length < needed) encoded = Grow(encoded[..length], needed, ref rented);
            LabelsEncoding.Write(name, encoded, ref length);
            LabelsEncoding.Write(value, encoded, ref length);
        }

        chunks = reader.Position;
        var labels = Labels.FromEncoded(encoded[..length].ToArray());
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return isSorted ? labels : new LabelsBuilder().Reset(labels).ToLabels();
    }

    /// <summary>Where in the entry of a series its chunks are listed.</summary>
    /// <exception cref="CorruptDataException">The entry is not what its format promises.</exception>
    public int SkipLabels(uint series, ReadOnlySpan<byte> entry)
    {
        var reader = new ByteReader(entry);
        var isComplete = reader.TryReadUvarint(out var count);
        for (; isComplete && count > 0; count--)
            isComplete = reader.TryReadUvarint(out _) && reader.TryReadUvarint(out _);
        return isComplete ? reader.Position : throw Corrupt(series, "the labels of a series are cut off");
    }

    /// <summary>The value that a series has for a label, as numbers of symbols.</summary>
    /// <returns>False when it lacks the label.</returns>
    /// <exception cref="CorruptDataException">The entry is not what its format promises.</exception>
    public bool TryFindValue(uint series, uint name, out uint value)
    {
        var reader = new ByteReader(ReadSeries(series));
        var isComplete = reader.TryReadUvarint(out var count);
        for (; isComplete && count > 0; count--)
        {
            isComplete = reader.TryReadUvarint(out var labelName) & reader.TryReadUvarint(out var labelValue);
            value = (uint)labelValue;
            if (isComplete && labelName == name) return true;
        }

        value = 0;
        return isComplete ? false : throw Corrupt(series, "the labels of a series are cut off");
    }

    /// <summary>The names of a series' labels, as numbers of symbols.</summary>
    /// <exception cref="CorruptDataException">The entry is not what its format promises.</exception>
    public void AddNames(uint series, HashSet<uint> names)
    {
        var reader = new ByteReader(ReadSeries(series));
        var isComplete = reader.TryReadUvarint(out var count);
        for (; isComplete && count > 0; count--)
        {
            isComplete = reader.TryReadUvarint(out var name) && reader.TryReadUvarint(out _);
            names.Add((uint)name);
        }

        if (!isComplete) throw Corrupt(series, "the labels of a series are cut off");
    }

    /// <summary>Gives the memory of the entries between two series back to the system; they stay valid.</summary>
    /// <param name="from">A series that was read, or 0.</param>
    /// <param name="to">One that was read; where it is not behind the other nothing happens.</param>
    public void Forget(uint from, uint to)
    {
        var start = Math.Max(_contents.Series, from * (long)BlockFormat.SeriesUnitBytes);
        var end = to * (long)BlockFormat.SeriesUnitBytes;
        if (end > start) _file.Forget(start, end);
    }

    /// <summary>The error that names this file and a series.</summary>
    public CorruptDataException Corrupt(uint series, string message) =>
        _file.Corrupt(message, series * (long)BlockFormat.SeriesUnitBytes);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static Span<byte> Grow(ReadOnlySpan<byte> written, int needed, ref byte[]? rented)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(written.Length * 2, written.Length + needed));
        written.CopyTo(grown);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        rented = grown;
        return grown;
    }
}

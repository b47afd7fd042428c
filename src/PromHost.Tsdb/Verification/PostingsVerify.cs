using System.Buffers.Binary;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Checks the postings of an index: the table is sorted, its lists are sound and ascending, they name series that have
/// the pair, and no series is missing from any list.
/// </summary>
internal sealed class PostingsVerify
{
    private readonly IndexFile _file;
    private readonly IndexContents _contents;
    private readonly IndexSymbols _symbols;
    private readonly SeriesVerify _series;
    private readonly ProblemList _problems;
    private long _listed;
    private bool _isComplete = true;
    private bool _hasAll;

    public PostingsVerify(
        IndexFile file, IndexContents contents, IndexSymbols symbols, SeriesVerify series, ProblemList problems)
    {
        _file = file;
        _contents = contents;
        _symbols = symbols;
        _series = series;
        _problems = problems;
    }

    /// <summary>Runs it.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        var table = (Start: 0L, End: 0L);
        if (!_problems.Try(
            _file.Path, () => table = _file.OpenSection(_contents.PostingsTable, "table of postings")))
            return;
        if (table.End - table.Start < sizeof(uint))
        {
            Add(table.Start, "the table of postings has no number of entries");
            return;
        }

        var count = BinaryPrimitives.ReadUInt32BigEndian(_file.Slice(table.Start, table.End));
        var offset = table.Start + sizeof(uint);
        var previous = default((ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value)?);
        for (var i = 0u; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reader = new ByteReader(_file.Slice(offset, table.End));
            if (!reader.TryReadByte(out var keys) || keys != 2 || !reader.TryReadUvarintBytes(out var name) ||
                !reader.TryReadUvarintBytes(out var value) || !reader.TryReadUvarint(out var postings))
            {
                Add(offset, $"entry {i} of {count} of the table of postings is cut short");
                return;
            }

            if (previous is { } last && Compare(last.Name.Span, last.Value.Span, name, value) >= 0)
                Add(offset, $"entry {i} of the table of postings is not behind the one before it");
            previous = (name.ToArray(), value.ToArray());
            CheckList(offset, name, value, (long)Math.Min(postings, long.MaxValue));
            offset += reader.Position;
        }

        if (offset != table.End) Add(offset, "bytes are left behind the table of postings");
        CheckCompleteness();
    }

    private static int Compare(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ReadOnlySpan<byte> otherName, ReadOnlySpan<byte> otherValue)
    {
        var order = name.SequenceCompareTo(otherName);
        return order != 0 ? order : value.SequenceCompareTo(otherValue);
    }

    private void CheckList(long entry, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long offset)
    {
        var list = (Start: 0L, End: 0L);
        if (!_problems.Try(_file.Path, () => list = _file.OpenSection(offset, "postings")))
        {
            _isComplete = false;
            return;
        }

        var bytes = _file.Slice(list.Start, list.End);
        if (bytes.Length < sizeof(uint) ||
            BinaryPrimitives.ReadUInt32BigEndian(bytes) != (uint)(bytes.Length / sizeof(uint)) - 1 ||
            bytes.Length % sizeof(uint) != 0)
        {
            Add(offset, "postings are not as long as their number says");
            return;
        }

        var postings = new BigEndianPostings(bytes[sizeof(uint)..]);
        for (var i = 1; i < postings.Count; i++)
        {
            if (postings[i] > postings[i - 1]) continue;
            Add(offset, $"the postings of {Text(name)}={Text(value)} do not ascend");
            return;
        }

        if (name.IsEmpty && value.IsEmpty) CheckAll(offset, postings);
        else CheckPair(entry, name, value, offset, postings);
    }

    private void CheckAll(long offset, BigEndianPostings postings)
    {
        _hasAll = true;
        if (!_series.IsComplete) return;
        var isEqual = postings.Count == _series.Refs.Count;
        for (var i = 0; isEqual && i < postings.Count; i++) isEqual = postings[i] == _series.Refs[i];
        if (!isEqual) Add(offset, "the list of all series is not that of the series");
    }

    private void CheckPair(
        long entry, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long offset, BigEndianPostings postings)
    {
        if (!_symbols.TryFind(name, out var nameNumber) || !_symbols.TryFind(value, out var valueNumber))
        {
            Add(entry, $"{Text(name)}={Text(value)} in the table of postings is not among the symbols");
            return;
        }

        _listed += postings.Count;
        var refs = (List<uint>)_series.Refs;
        for (var i = 0; i < postings.Count; i++)
        {
            if (refs.BinarySearch(postings[i]) >= 0)
            {
                if (HasPair(_series.Entry(postings[i]), nameNumber, valueNumber)) continue;
                Add(offset, $"series {postings[i]} is listed under {Text(name)}={Text(value)}, which it lacks");
            }
            else if (_series.IsComplete)
            {
                Add(offset, $"series {postings[i]} is listed under {Text(name)}={Text(value)} and is not there");
            }
        }
    }

    // Lists name only series that have the pair, and each once: if they are as long as all label sets, none is missing.
    private void CheckCompleteness()
    {
        if (!_hasAll) Add(_contents.PostingsTable, "there is no list of all series");
        if (_isComplete && _series.IsComplete && _listed != _series.LabelCount)
        {
            Add(
                _contents.PostingsTable,
                $"the series have {_series.LabelCount} labels, the postings list {_listed}");
        }
    }

    private static bool HasPair(ReadOnlySpan<byte> entry, uint name, uint value)
    {
        var reader = new ByteReader(entry);
        reader.TryReadUvarint(out var count);
        for (; count > 0; count--)
        {
            if (!reader.TryReadUvarint(out var labelName) || !reader.TryReadUvarint(out var labelValue)) return false;
            if (labelName == name) return labelValue == value;
        }

        return false;
    }

    private static string Text(ReadOnlySpan<byte> text) => GoText.Quote(text);

    private void Add(long offset, string message)
    {
        _isComplete = false;
        _problems.Add(_file.Path, offset, message);
    }
}

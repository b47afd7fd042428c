using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Walks entries of one name in the table of postings, which were checked when the index was opened.
/// </summary>
internal ref struct IndexValues
{
    private readonly IndexLabelName _name;
    private ByteReader _reader;

    /// <summary>Begins before the first one.</summary>
    /// <param name="entries">The entries, from the beginning of one on.</param>
    /// <param name="name">Their name.</param>
    public IndexValues(ReadOnlySpan<byte> entries, IndexLabelName name)
    {
        _name = name;
        _reader = new ByteReader(entries);
    }

    /// <summary>The value of the current entry.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Where its postings begin in the file.</summary>
    public ulong Postings { get; private set; }

    /// <summary>Moves to the next entry.</summary>
    public bool MoveNext()
    {
        if (!_reader.TrySkip(_name.PrefixLength) || !_reader.TryReadUvarintBytes(out var value) ||
            !_reader.TryReadUvarint(out var postings))
            return false;
        Value = value;
        Postings = postings;
        return true;
    }

    /// <summary>The value of the first entry.</summary>
    public ReadOnlySpan<byte> First() => MoveNext() ? Value : default;
}

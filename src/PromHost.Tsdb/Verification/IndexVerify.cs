namespace PromHost.Tsdb;

/// <summary>Checks an index: its sections, and what series, chunks and postings promise of each other.</summary>
internal sealed class IndexVerify
{
    private readonly IndexFile _file;
    private readonly ChunkFilesVerify _chunks;
    private readonly BlockMeta? _meta;
    private readonly ProblemList _problems;
    private SeriesVerify? _series;

    /// <summary>Makes the check of an index.</summary>
    /// <param name="file">The index.</param>
    /// <param name="chunks">The chunk files, walked before.</param>
    /// <param name="meta">What <c>meta.json</c> says, if it could be read.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public IndexVerify(IndexFile file, ChunkFilesVerify chunks, BlockMeta? meta, ProblemList problems)
    {
        _file = file;
        _chunks = chunks;
        _meta = meta;
        _problems = problems;
    }

    /// <summary>The sound series, ascending.</summary>
    public IReadOnlyList<uint> Series => _series?.Refs ?? [];

    /// <summary>What was counted.</summary>
    public BlockStats Stats => _series?.Stats ?? default;

    /// <summary>Were all series and chunks readable?</summary>
    public bool IsComplete => _series is { IsComplete: true };

    /// <summary>Runs it; only a damaged table of contents makes it throw.</summary>
    /// <exception cref="Codecs.CorruptDataException">The table of contents is damaged.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        var contents = IndexContents.Read(_file);
        IndexSymbols? symbols = null;
        _problems.Try(_file.Path, () => symbols = IndexSymbols.Open(_file, contents.Symbols));
        if (symbols is not null) CheckSymbols(symbols, contents.Symbols);
        var seriesEnd = contents.SeriesEnd;
        _series = new SeriesVerify(_file, contents.Series, seriesEnd, symbols, _chunks, _meta, _problems);
        _series.Run(cancellationToken);
        CheckLabelIndices(contents, seriesEnd);
        if (symbols is not null)
            new PostingsVerify(_file, contents, symbols, _series, _problems).Run(cancellationToken);
    }

    private void CheckSymbols(IndexSymbols symbols, long offset)
    {
        ReadOnlyMemory<byte> previous = default;
        var number = 0;
        foreach (var symbol in symbols.All())
        {
            if (number > 0 && symbol.Span.SequenceCompareTo(previous.Span) <= 0)
                _problems.Add(_file.Path, offset, $"symbol {number} is not behind the one before it");
            previous = symbol;
            number++;
        }
    }

    // Nobody reads them; still their checksums tell of damage to the file.
    private void CheckLabelIndices(in IndexContents contents, long seriesEnd)
    {
        var offset = AlignChecked(seriesEnd);
        // Left out, as Prometheus does from 3.14 on.
        if (contents.LabelIndices == 0 || contents.LabelIndicesTable == contents.PostingsTable) return;
        var start = contents.LabelIndicesTable;
        if (!_problems.Try(_file.Path, () => _file.OpenSection(start, "table of label indices"))) return;
        while (offset < contents.Postings)
        {
            var section = offset;
            var end = 0L;
            if (!_problems.Try(_file.Path, () => end = _file.OpenSection(section, "label index").End)) return;
            offset = AlignChecked(end + sizeof(uint));
        }
    }

    private long AlignChecked(long offset)
    {
        var next = (offset + sizeof(uint) - 1) & -sizeof(uint);
        if (_file.Slice(offset, Math.Min(next, _file.SizeBytes)).ContainsAnyExcept((byte)0))
            _problems.Add(_file.Path, offset, "the padding is not zero");
        return next;
    }
}

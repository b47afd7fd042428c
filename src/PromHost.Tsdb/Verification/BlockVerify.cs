namespace PromHost.Tsdb;

/// <summary>
/// Checks every checksum and every promise of a block's files, and goes on after a problem as far as it can. Whatever
/// the bytes are, it throws nothing.
/// </summary>
/// <remarks>
/// 1. <c>meta.json</c> and tombstones are read.
/// 2. All chunk files are walked from end to end.
/// 3. The index is walked: symbols, series with their chunks, which are decoded, postings, table.
/// 4. What was counted is held against <c>meta.json</c>, and the tombstones against the series.
/// </remarks>
internal sealed class BlockVerify
{
    private readonly IDataDirectory _directory;
    private readonly string _path;
    private readonly ProblemList _problems;
    private BlockMeta? _meta;
    private Tombstones? _tombstones;

    private BlockVerify(IDataDirectory directory, string path, ProblemList problems)
    {
        _directory = directory;
        _path = path;
        _problems = problems;
    }

    /// <summary>Checks a block.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The block's directory below it.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static void Run(
        IDataDirectory directory, string path, ProblemList problems, CancellationToken cancellationToken) =>
        new BlockVerify(directory, path, problems).Run(cancellationToken);

    private void Run(CancellationToken cancellationToken)
    {
        var metaPath = $"{_path}/{BlockMetaFile.FileName}";
        _problems.Try(metaPath, () => _meta = BlockMetaFile.Read(_directory, metaPath));
        CheckMeta(metaPath);
        var tombstonesPath = $"{_path}/{TombstonesFile.FileName}";
        _problems.Try(tombstonesPath, () => _tombstones = TombstonesFile.Read(_directory, tombstonesPath));
        using var chunks = new ChunkFilesVerify(_directory, $"{_path}/{BlockFormat.ChunksDirectory}", _problems);
        chunks.Run(cancellationToken);

        var indexPath = $"{_path}/{BlockFormat.IndexFile}";
        _problems.Try(indexPath, () =>
        {
            using var file = IndexFile.Open(_directory, indexPath);
            var index = new IndexVerify(file, chunks, _meta, _problems);
            index.Run(cancellationToken);
            CheckTombstones(tombstonesPath, index.Series);
            // Where something could not be read the counts differ for a known reason.
            if (index.IsComplete) CheckStats(metaPath, index.Stats);
        });
    }

    private void CheckMeta(string path)
    {
        if (_meta is not { } meta) return;
        var name = _path[(_path.LastIndexOf('/') + 1)..];
        if (!string.Equals(meta.Id.ToString(), name, StringComparison.Ordinal))
            _problems.Add(path, -1, $"it describes the block {meta.Id}");
        if (meta.MaxTimeMs <= meta.MinTimeMs) _problems.Add(path, -1, "the block ends before it begins");
        if (meta.Compaction.Level < 1) _problems.Add(path, -1, $"the level is {meta.Compaction.Level}");
    }

    private void CheckTombstones(string path, IReadOnlyList<uint> series)
    {
        if (_tombstones is not { } tombstones) return;
        if (_meta is { } meta && meta.Stats.Tombstones != tombstones.IntervalCount)
        {
            _problems.Add(
                path, -1,
                $"it holds {tombstones.IntervalCount} intervals, meta.json counts {meta.Stats.Tombstones}");
        }

        var refs = new HashSet<ulong>(series.Select(one => (ulong)one));
        foreach (var seriesRef in tombstones.SeriesRefs)
        {
            if (!refs.Contains(seriesRef)) _problems.Add(path, -1, $"there is no series {seriesRef}");
        }
    }

    private void CheckStats(string path, BlockStats found)
    {
        if (_meta?.Stats is not { } stats) return;
        Check("samples", stats.Samples, found.Samples);
        Check("series", stats.Series, found.Series);
        Check("chunks", stats.Chunks, found.Chunks);
        // Prometheus 3.5 does not count these.
        if (stats.FloatSamples + stats.HistogramSamples == 0) return;
        Check("float samples", stats.FloatSamples, found.FloatSamples);
        Check("histograms", stats.HistogramSamples, found.HistogramSamples);

        void Check(string what, long claimed, long counted)
        {
            if (claimed != counted) _problems.Add(path, -1, $"it counts {claimed} {what}, the block holds {counted}");
        }
    }
}

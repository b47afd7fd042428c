using System.Text;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Which label pairs and names a block's series have, how many have them, and how much they come and go.
/// </summary>
/// <remarks>
/// The churn of a label is how much of the block's range its series do not cover, in ranges: a series that lives for a
/// quarter of the block adds three quarters. As <c>promtool tsdb analyze</c> counts it.
/// </remarks>
public sealed class BlockAnalysis
{
    private readonly Dictionary<string, (long Count, ulong UncoveredMs)> _pairs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NameCounts> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _metrics = new(StringComparer.Ordinal);
    private readonly BlockMeta _meta;

    private BlockAnalysis(BlockMeta meta, bool withChunks)
    {
        _meta = meta;
        Chunks = withChunks ? new ChunkAnalysis() : null;
    }

    /// <summary>The chunks of these series; null when they were not looked at.</summary>
    public ChunkAnalysis? Chunks { get; }

    /// <summary>The block's ULID.</summary>
    public string Id => _meta.Id.ToString();

    /// <summary>Length of the block's range.</summary>
    public long DurationMs => _meta.MaxTimeMs - _meta.MinTimeMs;

    /// <summary>Series of the block.</summary>
    public long TotalSeries => _meta.Stats.Series;

    /// <summary>Series that were looked at.</summary>
    public long MatchedSeries { get; private set; }

    /// <summary>Label names of these series.</summary>
    public long LabelNames => _names.Count;

    /// <summary>Label pairs of these series.</summary>
    public long LabelPairs => _pairs.Count;

    /// <summary>Labels of these series, summed up.</summary>
    public long Labels { get; private set; }

    /// <summary>Label pairs by churn.</summary>
    public IEnumerable<NamedCount> ChurnOfPairs => _pairs.Select(one => Churn(one.Key, one.Value.UncoveredMs));

    /// <summary>Label names by churn.</summary>
    public IEnumerable<NamedCount> ChurnOfNames => _names.Select(one => Churn(one.Key, one.Value.UncoveredMs));

    /// <summary>Label pairs by their series.</summary>
    public IEnumerable<NamedCount> SeriesOfPairs => _pairs.Select(one => new NamedCount(one.Key, one.Value.Count));

    /// <summary>Label names by the length of all their values.</summary>
    public IEnumerable<NamedCount> ValueBytesOfNames =>
        _names.Select(one => new NamedCount(one.Key, one.Value.ValueBytes));

    /// <summary>Label names by their values.</summary>
    public IEnumerable<NamedCount> ValuesOfNames => _names.Select(one => new NamedCount(one.Key, one.Value.Values));

    /// <summary>Metric names by their series.</summary>
    public IEnumerable<NamedCount> SeriesOfMetrics => _metrics.Select(one => new NamedCount(one.Key, one.Value));

    /// <summary>Looks at a block.</summary>
    /// <param name="dataPath">The data directory.</param>
    /// <param name="blockId">The block; empty: the newest one.</param>
    /// <param name="matchers">Only series that match all of these; none: all series.</param>
    /// <param name="withChunks">Are the chunks read too?</param>
    /// <param name="progress">Told how many series were looked at.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory or block.</exception>
    /// <exception cref="CorruptDataException">The block is damaged.</exception>
    /// <exception cref="IOException">The block cannot be read.</exception>
    public static BlockAnalysis Run(
        string dataPath,
        string blockId,
        IReadOnlyList<LabelMatcher> matchers,
        bool withChunks,
        Action<ToolProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (!Directory.Exists(dataPath))
            throw new DirectoryNotFoundException($"{dataPath}: there is no such directory");
        var directory = new DataDirectory(dataPath);
        var blocks = directory.List("").Where(name => Ulid.TryParse(name, out _)).ToList();
        var name = blockId.Length > 0 ? blockId : blocks.Max(StringComparer.Ordinal);
        if (name is null || !blocks.Contains(name, StringComparer.Ordinal))
            throw new DirectoryNotFoundException($"{dataPath}: there is no block {blockId}".TrimEnd());

        using var block = Block.Open(directory, name);
        var analysis = new BlockAnalysis(block.Meta, withChunks);
        uint[] series = matchers.Count > 0
            ? BlockMatcherPostings.Find(block.Index, matchers)
            : All(block.Index.Postings);
        for (var i = 0; i < series.Length; i++)
        {
            analysis.Add(block, series[i]);
            if (i % 1024 != 0) continue;
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Invoke(new ToolProgress(name, i, series.Length));
        }

        return analysis;
    }

    private static uint[] All(IndexPostingsTable postings)
    {
        var place = postings.CheckAll();
        var series = new uint[place.Count];
        postings.Get(place).CopyTo(series);
        return series;
    }

    private NamedCount Churn(string name, ulong uncoveredMs) => new(name, (long)(uncoveredMs / (double)DurationMs));

    private void Add(Block block, uint series)
    {
        var index = block.Index;
        var entry = index.ReadSeries(series);
        var labels = index.ReadLabels(series, entry, out var list);
        var chunks = new SeriesChunkReader(entry[list..]);
        var (min, max) = (0L, 0L);
        for (var isFirst = true; chunks.MoveNext(); isFirst = false)
        {
            if (isFirst) min = chunks.Current.MinTimeMs;
            max = chunks.Current.MaxTimeMs;
            if (Chunks is null) continue;
            var data = block.Chunks.Read(chunks.Current.Reference, out var encoding);
            if (!Chunks.TryAdd(encoding, data))
                throw index.Corrupt(series, $"a chunk of encoding {encoding} cannot be decoded");
        }

        if (chunks.IsCorrupt) throw index.Corrupt(series, "the list of chunks of a series is damaged");
        var uncovered = (ulong)(DurationMs - (max - min));
        MatchedSeries++;
        foreach (var label in labels) Add(label, uncovered);
    }

    private void Add(LabelSpan label, ulong uncoveredMs)
    {
        Labels++;
        var name = Encoding.UTF8.GetString(label.Name);
        var value = Encoding.UTF8.GetString(label.Value);
        var pair = $"{name}={value}";
        var known = _pairs.TryGetValue(pair, out var counts);
        _pairs[pair] = (counts.Count + 1, counts.UncoveredMs + uncoveredMs);
        var names = _names.GetValueOrDefault(name);
        _names[name] = new NameCounts(
            names.Values + (known ? 0 : 1),
            names.ValueBytes + (known ? 0 : label.Value.Length),
            names.UncoveredMs + uncoveredMs);
        if (string.Equals(name, Model.Labels.MetricName, StringComparison.Ordinal))
            _metrics[value] = _metrics.GetValueOrDefault(value) + 1;
    }

    private readonly record struct NameCounts(long Values, long ValueBytes, ulong UncoveredMs);
}

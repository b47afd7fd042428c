using System.Runtime.InteropServices;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The series of several sources as one: each series once, with the chunks of all. Chunks that overlap no other are
/// passed on byte for byte, those that overlap are merged and encoded anew, as Prometheus compacts. Holds the chunks of
/// one series at a time.
/// </summary>
internal sealed class MergedChunkSource : ChunkSeriesSource
{
    private static readonly Comparer<EncodedChunk> ByTime = Comparer<EncodedChunk>.Create(CompareTimes);

    private readonly IReadOnlyList<ChunkSeriesSource> _sources;
    private readonly Side[] _sides;
    private readonly PriorityQueue<int, Labels> _queue;
    private readonly List<int> _read = [];
    private readonly ChunkRules _rules;
    private readonly ChunkRewriter _rewriter;
    private readonly ChunkReorder _reorder = new();
    private readonly List<EncodedChunk> _gathered = [];
    private readonly List<EncodedChunk> _overlapping = [];
    private bool _isStarted;

    /// <summary>Merges sources.</summary>
    /// <param name="sources">One or more; disposed with this one.</param>
    public MergedChunkSource(IReadOnlyList<ChunkSeriesSource> sources)
        : this(sources, ChunkRules.Merged)
    {
    }

    /// <summary>Merges sources.</summary>
    /// <param name="sources">One or more; disposed with this one.</param>
    /// <param name="rules">How samples are encoded anew. Chunks that the rules do not allow are, too.</param>
    public MergedChunkSource(IReadOnlyList<ChunkSeriesSource> sources, in ChunkRules rules)
    {
        _sources = sources;
        _rules = rules;
        _rewriter = new ChunkRewriter(rules);
        _sides = [.. sources.Select(source => new Side(source))];
        _queue = new PriorityQueue<int, Labels>(sources.Count);
    }

    /// <summary>Samples that were encoded anew.</summary>
    public long RewrittenSamples => _rewriter.SampleCount;

    /// <summary>Start timestamps that were known and for which the chunks have no place.</summary>
    public long DroppedStartTimestamps => _rewriter.DroppedStartTimestamps;

    /// <inheritdoc/>
    public override IEnumerable<ReadOnlyMemory<byte>> Symbols =>
        SymbolMerge.Merge([.. _sources.Select(source => source.Symbols)]);

    /// <inheritdoc/>
    public override bool TryReadNext(out Labels labels, List<EncodedChunk> chunks)
    {
        chunks.Clear();
        _rewriter.Release();
        _reorder.Release();
        // Only now: what was handed out lies in the sources' memory.
        Advance();
        if (!_queue.TryDequeue(out var first, out labels)) return false;
        _read.Add(first);
        while (_queue.TryPeek(out _, out var next) && next == labels) _read.Add(_queue.Dequeue());
        var gathered = Gather();
        try
        {
            AddMerged(gathered, chunks);
        }
        catch (StorageReadException error)
        {
            // Chunks may hold other times than their index says.
            var reordered = gathered.ToArray().ToList();
            if (_reorder.TryRun(reordered))
            {
                chunks.Clear();
                AddMerged(CollectionsMarshal.AsSpan(reordered), chunks);
                return true;
            }

            throw new StorageReadException($"series {labels}: {error.Message}", error);
        }

        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var source in _sources) source.Dispose();
        base.Dispose(disposing);
    }

    private static int CompareTimes(EncodedChunk left, EncodedChunk right)
    {
        var order = left.MinTimeMs.CompareTo(right.MinTimeMs);
        return order != 0 ? order : left.MaxTimeMs.CompareTo(right.MaxTimeMs);
    }

    private void Advance()
    {
        if (!_isStarted) _read.AddRange(Enumerable.Range(0, _sides.Length));
        _isStarted = true;
        foreach (var index in _read)
        {
            var side = _sides[index];
            if (side.Source.TryReadNext(out var labels, side.Chunks)) _queue.Enqueue(index, labels);
        }

        _read.Clear();
    }

    // All chunks of the series, ascending.
    private ReadOnlySpan<EncodedChunk> Gather()
    {
        if (_read.Count == 1) return CollectionsMarshal.AsSpan(_sides[_read[0]].Chunks);
        _gathered.Clear();
        _read.Sort();
        foreach (var index in _read) _gathered.AddRange(_sides[index].Chunks);
        var gathered = CollectionsMarshal.AsSpan(_gathered);
        for (var i = 1; i < gathered.Length; i++)
        {
            if (CompareTimes(gathered[i - 1], gathered[i]) <= 0) continue;
            MemoryExtensions.Sort(gathered, ByTime);
            break;
        }

        return gathered;
    }

    private void AddMerged(ReadOnlySpan<EncodedChunk> gathered, List<EncodedChunk> chunks)
    {
        for (var start = 0; start < gathered.Length;)
        {
            var end = start + 1;
            var maxTimeMs = gathered[start].MaxTimeMs;
            while (end < gathered.Length && gathered[end].MinTimeMs <= maxTimeMs)
                maxTimeMs = Math.Max(maxTimeMs, gathered[end++].MaxTimeMs);
            if (end - start == 1) AddAlone(gathered.Slice(start, 1), chunks);
            else AddOverlapping(gathered[start..end], chunks);
            start = end;
        }
    }

    // What Prometheus 3.5 cannot read is not written unless an option asks for it.
    private void AddAlone(ReadOnlySpan<EncodedChunk> alone, List<EncodedChunk> chunks)
    {
        if (_rules.Allows(alone[0].Encoding)) chunks.Add(alone[0]);
        else _rewriter.Merge(alone, chunks);
    }

    // Blocks that were copied or restored have equal chunks.
    private void AddOverlapping(ReadOnlySpan<EncodedChunk> overlapping, List<EncodedChunk> chunks)
    {
        _overlapping.Clear();
        foreach (ref readonly var chunk in overlapping)
        {
            if (_overlapping.Count == 0 || !AreEqual(_overlapping[^1], chunk)) _overlapping.Add(chunk);
        }

        if (_overlapping.Count == 1) AddAlone(CollectionsMarshal.AsSpan(_overlapping), chunks);
        else _rewriter.Merge(CollectionsMarshal.AsSpan(_overlapping), chunks);
    }

    private static bool AreEqual(in EncodedChunk left, in EncodedChunk right) =>
        left.MinTimeMs == right.MinTimeMs && left.MaxTimeMs == right.MaxTimeMs &&
        left.Encoding == right.Encoding && left.Data.Span.SequenceEqual(right.Data.Span);

    private sealed record Side(ChunkSeriesSource Source)
    {
        public List<EncodedChunk> Chunks { get; } = [];
    }
}

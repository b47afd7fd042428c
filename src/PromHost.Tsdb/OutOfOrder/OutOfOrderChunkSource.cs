// Hot path: compaction reads every out-of-order sample here.
using System.Runtime.InteropServices;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The frozen out-of-order samples of a range of time, series by series in the order of their labels: merged, each
/// timestamp once, in chunks that do not overlap. Deletions of the head do not hit them: a deletion that finds such
/// samples writes them to blocks first, so these came later.
/// </summary>
internal sealed class OutOfOrderChunkSource : ChunkSeriesSource
{
    private readonly Head _head;
    private readonly TimeInterval _range;
    private readonly long _epoch;
    private readonly FrozenSeries[] _series;
    private readonly HeadSymbols _symbols;
    private readonly ChunkCutter _cutter = new();
    private readonly ChunkRewriter _rewriter;
    private readonly ChunkBytes _bytes = new();
    private readonly List<EncodedChunk> _parts = [];
    private int _next;
    private bool _isDisposed;

    /// <summary>Sorts the series.</summary>
    /// <param name="head">The head.</param>
    /// <param name="frozen">Its series with their chunks.</param>
    /// <param name="range">The range of time.</param>
    /// <exception cref="StorageUnavailableException">The storage is closing.</exception>
    public OutOfOrderChunkSource(Head head, IReadOnlyList<FrozenSeries> frozen, TimeInterval range)
    {
        _head = head;
        _range = range;
        _rewriter = new ChunkRewriter(head.Rules);
        _epoch = head.Epochs.Enter();
        try
        {
            _series = [.. frozen.Where(series => series.Overlaps(range))];
            _symbols = HeadSymbols.Of(head.Table, head.Index, [.. _series.Select(frozen => frozen.Series.Series)]);
            _series.AsSpan().Sort((a, b) => _symbols.Compare(
                head.Table.PairsOf(a.Series.Series), head.Table.PairsOf(b.Series.Series)));
        }
        catch
        {
            Dispose(disposing: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<ReadOnlyMemory<byte>> Symbols => _symbols.Sorted;

    /// <inheritdoc/>
    public override bool TryReadNext(out Labels labels, List<EncodedChunk> chunks)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        chunks.Clear();
        while (_next < _series.Length)
        {
            ref readonly var series = ref _series[_next++];
            _cutter.Release();
            _rewriter.Release();
            _bytes.Clear();
            Collect(series);
            // A chunk that is alone stays as it is; others are merged into fewer, also where they do not overlap.
            _parts.Sort(ByTime);
            if (_parts.Count > 1) _rewriter.Merge(CollectionsMarshal.AsSpan(_parts), chunks);
            else chunks.AddRange(_parts);
            if (chunks.Count == 0) continue;
            labels = _head.Table.MakeLabels(series.Series.Series);
            return true;
        }

        labels = Labels.Empty;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _head.Epochs.Leave(_epoch);
        }

        base.Dispose(disposing);
    }

    private static int ByTime(EncodedChunk left, EncodedChunk right)
    {
        var order = left.MinTimeMs.CompareTo(right.MinTimeMs);
        return order != 0 ? order : left.MaxTimeMs.CompareTo(right.MaxTimeMs);
    }

    private void Collect(in FrozenSeries series)
    {
        _parts.Clear();
        foreach (ref readonly var chunk in series.AllChunks)
        {
            if (chunk.MinTimeMs > _range.MaxTimeMs || chunk.MaxTimeMs < _range.MinTimeMs) continue;
            try
            {
                Collect(chunk);
            }
            catch (Exception error) when (error is CorruptDataException or StorageReadException)
            {
                throw new StorageReadException(
                    $"an out-of-order chunk of series {_head.Table.LabelsOf(series.Series.Series)} is damaged: " +
                    error.Message,
                    error);
            }
        }
    }

    private void Collect(in MappedChunk chunk)
    {
        var data = _head.FullChunks.Read(chunk.Reference, out var encoding);
        if (chunk.MinTimeMs >= _range.MinTimeMs && chunk.MaxTimeMs <= _range.MaxTimeMs)
            _parts.Add(new EncodedChunk(chunk.MinTimeMs, chunk.MaxTimeMs, encoding, _bytes.Copy(data)));
        else if (!_cutter.TryCut(encoding, data, _range, [], _parts))
            throw new StorageReadException($"its encoding {encoding} is unknown or its data are damaged");
    }
}

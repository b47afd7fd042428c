using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// The buckets that a chunk has and those that a histogram has, put together: where each goes, and the spans of all.
/// Filled again and again.
/// </summary>
internal sealed class BucketUnion
{
    private readonly List<HistogramSpan> _spans = [];
    private int[] _chunkPlaces = [];
    private int[] _histogramPlaces = [];

    /// <summary>The number of buckets.</summary>
    public int Count { get; private set; }

    /// <summary>Has the histogram buckets that the chunk lacks?</summary>
    public bool ChunkLacksSome { get; private set; }

    /// <summary>Has the chunk buckets that the histogram lacks?</summary>
    public bool HistogramLacksSome { get; private set; }

    /// <summary>The spans of all buckets; none is empty, no two touch.</summary>
    public ReadOnlySpan<HistogramSpan> Spans => CollectionsMarshal.AsSpan(_spans);

    /// <summary>Where the chunk's buckets go, ascending.</summary>
    public ReadOnlySpan<int> ChunkPlaces => _chunkPlaces;

    /// <summary>Where the histogram's buckets go, ascending.</summary>
    public ReadOnlySpan<int> HistogramPlaces => _histogramPlaces;

    /// <summary>Puts two layouts together.</summary>
    public void Merge(ReadOnlySpan<HistogramSpan> chunk, ReadOnlySpan<HistogramSpan> histogram)
    {
        Start(CountOf(chunk), CountOf(histogram));
        var left = new Walk(chunk);
        var right = new Walk(histogram);
        var lastIndex = 0L;
        while (left.HasBucket || right.HasBucket)
        {
            var index = !right.HasBucket || (left.HasBucket && left.Index < right.Index) ? left.Index : right.Index;
            if (left.HasBucket && left.Index == index)
            {
                _chunkPlaces[left.Ordinal] = Count;
                left.MoveOn();
            }
            else
            {
                ChunkLacksSome = true;
            }

            if (right.HasBucket && right.Index == index)
            {
                _histogramPlaces[right.Ordinal] = Count;
                right.MoveOn();
            }
            else
            {
                HistogramLacksSome = true;
            }

            AddToSpans(index, lastIndex);
            lastIndex = index;
            Count++;
        }
    }

    /// <summary>The number of buckets in spans.</summary>
    public static int CountOf(ReadOnlySpan<HistogramSpan> spans)
    {
        var count = 0L;
        foreach (var span in spans) count += span.Length;
        return checked((int)count);
    }

    private void Start(int chunkCount, int histogramCount)
    {
        if (_chunkPlaces.Length < chunkCount) _chunkPlaces = new int[chunkCount];
        if (_histogramPlaces.Length < histogramCount) _histogramPlaces = new int[histogramCount];
        _spans.Clear();
        Count = 0;
        ChunkLacksSome = false;
        HistogramLacksSome = false;
    }

    private void AddToSpans(long index, long lastIndex)
    {
        if (_spans.Count > 0 && index == lastIndex + 1)
        {
            var last = _spans[^1];
            _spans[^1] = last with { Length = last.Length + 1 };
            return;
        }

        var offset = _spans.Count == 0 ? index : index - lastIndex - 1;
        _spans.Add(new HistogramSpan((int)offset, 1));
    }

    // Goes over the buckets of spans: Index is the one in the schema, Ordinal counts from 0.
    private ref struct Walk
    {
        private readonly ReadOnlySpan<HistogramSpan> _spans;
        private int _span;
        private uint _inSpan;

        public Walk(ReadOnlySpan<HistogramSpan> spans)
        {
            _spans = spans;
            if (!spans.IsEmpty) Index = spans[0].Offset;
            PassEmptySpans();
        }

        public long Index { get; private set; }

        public int Ordinal { get; private set; }

        public readonly bool HasBucket => _span < _spans.Length;

        public void MoveOn()
        {
            Index++;
            Ordinal++;
            _inSpan++;
            PassEmptySpans();
        }

        private void PassEmptySpans()
        {
            while (_span < _spans.Length && _inSpan >= _spans[_span].Length)
            {
                _span++;
                _inSpan = 0;
                if (_span < _spans.Length) Index += _spans[_span].Offset;
            }
        }
    }
}

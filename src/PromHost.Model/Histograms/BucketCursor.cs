// Hot path.
namespace PromHost.Model;

/// <summary>
/// Goes over the buckets of one side of a histogram, outward from zero. Spans without buckets are nothing.
/// </summary>
/// <param name="spans">The layout.</param>
/// <param name="bucketCount">How many counts there are; further buckets of the spans are ignored.</param>
internal ref struct BucketCursor(ReadOnlySpan<HistogramSpan> spans, int bucketCount)
{
    private readonly ReadOnlySpan<HistogramSpan> _spans = spans;
    private readonly int _bucketCount = bucketCount;
    private int _nextSpan;
    private uint _leftInSpan;
    private int _nextIndex;

    /// <summary>The index of the bucket in its schema.</summary>
    public int Index { get; private set; }

    /// <summary>Its place among the counts.</summary>
    public int Position { get; private set; } = -1;

    /// <summary>Is it the first of its span?</summary>
    public bool BeginsSpan { get; private set; }

    /// <summary>Goes to the next bucket; false behind the last one.</summary>
    public bool MoveNext()
    {
        if (++Position >= _bucketCount) return false;
        BeginsSpan = _leftInSpan == 0;
        while (_leftInSpan == 0)
        {
            if (_nextSpan == _spans.Length) return false;
            var span = _spans[_nextSpan++];
            _nextIndex += span.Offset;
            _leftInSpan = span.Length;
        }

        _leftInSpan--;
        Index = _nextIndex++;
        return true;
    }
}

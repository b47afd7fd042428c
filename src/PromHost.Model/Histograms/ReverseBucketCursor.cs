// Hot path.
namespace PromHost.Model;

/// <summary>Goes over the buckets of one side of a histogram, towards zero.</summary>
internal ref struct ReverseBucketCursor
{
    private readonly ReadOnlySpan<HistogramSpan> _spans;
    private int _span;
    private uint _leftInSpan;
    private int _end;

    /// <summary>Takes a side.</summary>
    /// <param name="spans">The layout.</param>
    /// <param name="bucketCount">How many counts there are.</param>
    public ReverseBucketCursor(ReadOnlySpan<HistogramSpan> spans, int bucketCount)
    {
        _spans = spans;
        _span = spans.Length;
        Position = bucketCount;
        foreach (var span in spans) _end = unchecked(_end + span.Offset + (int)span.Length);
    }

    /// <summary>The index of the bucket in its schema.</summary>
    public int Index { get; private set; }

    /// <summary>Its place among the counts.</summary>
    public int Position { get; private set; }

    /// <summary>Goes to the next bucket; false behind the one next to zero.</summary>
    public bool MoveNext()
    {
        if (--Position < 0) return false;
        while (_leftInSpan == 0)
        {
            if (_span == 0) return false;
            if (_span < _spans.Length) _end -= _spans[_span].Offset;
            _leftInSpan = _spans[--_span].Length;
        }

        _leftInSpan--;
        Index = --_end;
        return true;
    }
}

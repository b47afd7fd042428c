// Hot path: counter resets are looked for between all neighbouring histograms.
namespace PromHost.Model;

/// <summary>Goes over the buckets of one side of a histogram in a lower resolution, outward from zero.</summary>
internal ref struct MergingBucketCursor
{
    private readonly ReadOnlySpan<double> _counts;
    private readonly int _shift;
    private BucketCursor _cursor;
    private bool _hasNext;

    /// <summary>Takes a side.</summary>
    /// <param name="side">The side.</param>
    /// <param name="shift">How many schemas lower; may be 0.</param>
    public MergingBucketCursor(scoped in BucketView side, int shift)
    {
        _counts = side.Counts;
        _shift = shift;
        _cursor = side.GetCursor();
        _hasNext = _cursor.MoveNext();
    }

    /// <summary>The index of the bucket in the lower schema.</summary>
    public int Index { get; private set; }

    /// <summary>The count of the bucket.</summary>
    public double Count { get; private set; }

    /// <summary>Goes to the next bucket; false behind the last one.</summary>
    public bool MoveNext()
    {
        if (!_hasNext) return false;
        Index = BucketOperations.LoweredIndex(_cursor.Index, _shift);
        Count = 0;
        do
        {
            Count += _counts[_cursor.Position];
            _hasNext = _cursor.MoveNext();
        }
        while (_hasNext && BucketOperations.LoweredIndex(_cursor.Index, _shift) == Index);
        return true;
    }

    /// <summary>Goes to the first bucket that does not lie within a zero bucket as a whole.</summary>
    /// <param name="schema">The lower schema, an exponential one.</param>
    /// <param name="threshold">Half width of the zero bucket.</param>
    public bool MoveBeyond(int schema, double threshold)
    {
        while (MoveNext())
        {
            if (!(BucketBounds.UpperOfExponential(schema, Index) <= threshold)) return true;
        }

        return false;
    }
}

// Hot path: quantiles and fractions go over the buckets of every histogram.
namespace PromHost.Model;

/// <summary>
/// Goes over the buckets of a native histogram with their bounds, empty ones too; the zero bucket, where it is not
/// empty, stands between the negative and the positive ones. A cursor and, for <c>foreach</c>, what it goes over.
/// </summary>
public ref struct HistogramBucketWalk
{
    private readonly ReadOnlySpan<double> _customBounds;
    private readonly ReadOnlySpan<double> _inwardCounts;
    private readonly ReadOnlySpan<double> _outwardCounts;
    private readonly int _schema;
    private readonly int _positiveCount;
    private readonly double _zeroCount;
    private readonly double _threshold;
    private readonly bool _isAscending;
    private readonly bool _isCutAtZero;
    private ReverseBucketCursor _inward;
    private BucketCursor _outward;
    private Stage _stage;

    private HistogramBucketWalk(scoped in HistogramView histogram, bool isAscending, bool isCutAtZero, Stage stage)
    {
        var inward = isAscending ? histogram.Negative : histogram.Positive;
        var outward = isAscending ? histogram.Positive : histogram.Negative;
        _customBounds = histogram.CustomBounds;
        _inwardCounts = inward.Counts;
        _outwardCounts = outward.Counts;
        _schema = histogram.Schema;
        _positiveCount = histogram.Positive.Counts.Length;
        _zeroCount = histogram.ZeroCount;
        _threshold = histogram.ZeroThreshold;
        _isAscending = isAscending;
        _isCutAtZero = isCutAtZero;
        _inward = new ReverseBucketCursor(inward.Spans, inward.Counts.Length);
        _outward = outward.GetCursor();
        _stage = stage;
    }

    private enum Stage : byte
    {
        Inward,
        Zero,
        Outward,
    }

    /// <summary>The bucket that it is at.</summary>
    public HistogramBucket Current { get; private set; }

    /// <summary>All buckets, ascending.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="isCutAtZero">Do the buckets beside the zero bucket end where that begins?</param>
    public static HistogramBucketWalk Ascending(NativeHistogram histogram, bool isCutAtZero = true) =>
        new(new HistogramView(histogram), isAscending: true, isCutAtZero, Stage.Inward);

    /// <summary>All buckets, descending.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="isCutAtZero">Do the buckets beside the zero bucket end where that begins?</param>
    public static HistogramBucketWalk Descending(NativeHistogram histogram, bool isCutAtZero = true) =>
        new(new HistogramView(histogram), isAscending: false, isCutAtZero, Stage.Inward);

    /// <summary>The positive buckets, ascending, with the bounds of their schema.</summary>
    public static HistogramBucketWalk Positive(NativeHistogram histogram) =>
        new(new HistogramView(histogram), isAscending: true, isCutAtZero: false, Stage.Outward);

    /// <summary>The negative buckets, descending, with the bounds of their schema.</summary>
    public static HistogramBucketWalk Negative(NativeHistogram histogram) =>
        new(new HistogramView(histogram), isAscending: false, isCutAtZero: false, Stage.Outward);

    /// <summary>A cursor before the first bucket.</summary>
    public readonly HistogramBucketWalk GetEnumerator() => this;

    /// <summary>Goes to the next bucket; false behind the last one.</summary>
    public bool MoveNext()
    {
        if (_stage == Stage.Inward)
        {
            if (_inward.MoveNext())
            {
                Current = BucketAt(_inward.Index, _inward.Position, _inwardCounts[_inward.Position], !_isAscending);
                return true;
            }

            _stage = Stage.Zero;
        }

        if (_stage == Stage.Zero)
        {
            _stage = Stage.Outward;
            if (_zeroCount > 0)
            {
                Current = new HistogramBucket(-_threshold, _threshold, true, true, _zeroCount, 1);
                return true;
            }
        }

        if (!_outward.MoveNext()) return false;
        Current = BucketAt(_outward.Index, _outward.Position, _outwardCounts[_outward.Position], _isAscending);
        return true;
    }

    private readonly HistogramBucket BucketAt(int index, int position, double count, bool isPositive)
    {
        var outer = BucketBounds.UpperOf(_schema, index, _customBounds);
        var inner = BucketBounds.UpperOf(_schema, index - 1, _customBounds);
        var lower = isPositive ? inner : -outer;
        var upper = isPositive ? outer : -inner;
        var isCustom = _schema == NativeHistogram.CustomBucketsSchema;
        var isLowerClosed = isCustom ? index == 0 : lower < 0;
        var isUpperClosed = isCustom || upper > 0;
        if (_isCutAtZero)
        {
            if (upper < 0 && upper > -_threshold) upper = -_threshold;
            else if (lower > 0 && lower < _threshold) lower = _threshold;
        }

        var ordinal = position + (isPositive ? 2 : 2 + _positiveCount);
        return new HistogramBucket(lower, upper, isLowerClosed, isUpperClosed, count, ordinal);
    }
}

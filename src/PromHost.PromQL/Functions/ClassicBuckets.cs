// Hot path: quantiles of every classic histogram at every step.
namespace PromHost.PromQL;

/// <summary>
/// The cumulative buckets of one classic histogram at one step, ascending by upper bound, and what can be read off
/// them. Follows Prometheus 3.14 (<c>promql/quantile.go</c>).
/// </summary>
internal ref struct ClassicBuckets
{
    // Smaller relative differences between neighbouring counts are taken for rounding.
    private const double Tolerance = 1e-12;

    private readonly Span<double> _upperBounds;
    private readonly Span<double> _counts;
    private int _count;

    /// <summary>Takes buckets, at least one; both spans are changed.</summary>
    /// <param name="upperBounds">Ascending.</param>
    /// <param name="counts">Of the same length.</param>
    public ClassicBuckets(Span<double> upperBounds, Span<double> counts)
    {
        _upperBounds = upperBounds;
        _counts = counts;
        _count = upperBounds.Length;
    }

    /// <summary>The lowest upper bound at which a count was raised to the one before it; +Inf if none was.</summary>
    public double LowestRaised { get; private set; } = double.PositiveInfinity;

    /// <summary>The highest upper bound at which a count was raised; -Inf if none was.</summary>
    public double HighestRaised { get; private set; } = double.NegativeInfinity;

    /// <summary>By how much a count was raised at most.</summary>
    public double LargestRaise { get; private set; }

    /// <summary>Did counts fall anywhere, so that they had to be raised?</summary>
    public bool WasRaised { get; private set; }

    /// <summary>
    /// The quantile, interpolated linearly within its bucket; the lowest bucket begins at 0 unless its bound is not
    /// positive, and the highest gives its lower bound.
    /// </summary>
    public double Quantile(double quantile)
    {
        if (double.IsNaN(quantile)) return double.NaN;
        if (quantile < 0) return double.NegativeInfinity;
        if (quantile > 1) return double.PositiveInfinity;
        if (!double.IsPositiveInfinity(_upperBounds[_count - 1])) return double.NaN;
        MergeEqualBounds();
        RaiseFallingCounts();
        if (_count < 2) return double.NaN;
        var observations = _counts[_count - 1];
        if (observations == 0) return double.NaN;
        var rank = quantile * observations;
        var bucket = FirstReaching(rank);
        if (bucket == _count - 1) return _upperBounds[_count - 2];
        if (bucket == 0 && _upperBounds[0] <= 0) return _upperBounds[0];
        var start = 0.0;
        var end = _upperBounds[bucket];
        var inBucket = _counts[bucket];
        if (bucket > 0)
        {
            start = _upperBounds[bucket - 1];
            inBucket -= _counts[bucket - 1];
            rank -= _counts[bucket - 1];
        }

        return start + (end - start) * (rank / inBucket);
    }

    /// <summary>The share of the observations between two values, interpolated linearly.</summary>
    public double Fraction(double lower, double upper)
    {
        if (!double.IsPositiveInfinity(_upperBounds[_count - 1])) return double.NaN;
        MergeEqualBounds();
        var observations = _counts[_count - 1];
        if (observations == 0 || double.IsNaN(lower) || double.IsNaN(upper)) return double.NaN;
        if (lower >= upper) return 0;
        var lowerRank = Math.Min(RankOf(lower), observations);
        var upperRank = Math.Min(RankOf(upper), observations);
        return (upperRank - lowerRank) / observations;
    }

    // How many observations lie below a value. NaN counts make NaN ranks, which the caller's Math.Min keeps.
    private readonly double RankOf(double value)
    {
        var rank = 0.0;
        var bucketStart = _upperBounds[0] <= 0 ? double.NegativeInfinity : 0;
        for (var i = 0; i < _count; i++)
        {
            if (i > 0) bucketStart = _upperBounds[i - 1];
            var bucketEnd = _upperBounds[i];
            if (bucketStart >= value) return rank;
            if (bucketStart < value && bucketEnd > value)
            {
                // A bucket without a lower end cannot be divided; all of it counts.
                return double.IsNegativeInfinity(bucketStart)
                    ? _counts[i]
                    : rank + (_counts[i] - rank) * (value - bucketStart) / (bucketEnd - bucketStart);
            }

            rank = _counts[i];
        }

        return double.PositiveInfinity;
    }

    private void MergeEqualBounds()
    {
        var last = 0;
        for (var i = 1; i < _count; i++)
        {
            if (_upperBounds[i] == _upperBounds[last])
            {
                _counts[last] += _counts[i];
                continue;
            }

            last++;
            _upperBounds[last] = _upperBounds[i];
            _counts[last] = _counts[i];
        }

        _count = last + 1;
    }

    private void RaiseFallingCounts()
    {
        var previous = _counts[0];
        for (var i = 1; i < _count; i++)
        {
            var current = _counts[i];
            if (current == previous) continue;
            if (GoMath.AlmostEqual(previous, current, Tolerance))
            {
                _counts[i] = previous;
                continue;
            }

            if (!(current < previous))
            {
                previous = current;
                continue;
            }

            _counts[i] = previous;
            WasRaised = true;
            if (_upperBounds[i] < LowestRaised) LowestRaised = _upperBounds[i];
            if (_upperBounds[i] > HighestRaised) HighestRaised = _upperBounds[i];
            if (previous - current > LargestRaise) LargestRaise = previous - current;
        }
    }

    // The first bucket but the last whose count reaches the rank, by bisection: with NaN counts the way matters.
    private readonly int FirstReaching(double rank)
    {
        var low = 0;
        var high = _count - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_counts[middle] >= rank) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}

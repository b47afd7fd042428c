// Hot path: sums, means and rates of native histograms.
namespace PromHost.Model;

/// <summary>
/// A native histogram that is being computed, in place. Adding a histogram with the same schema, zero bucket and spans
/// allocates nothing. Not safe for several threads; the results are those of Prometheus 3.14
/// (<c>model/histogram/float_histogram.go</c>), bit by bit.
/// </summary>
/// <param name="workspace">Buffers for a moment, which other accumulators of the same thread may share.</param>
public sealed class HistogramAccumulator(HistogramWorkspace workspace)
{
    private BucketSide _positive;
    private BucketSide _negative;
    private double[] _boundsBuffer = [];
    private int _boundCount;
    private double _count;
    private double _sum;
    private double _zeroCount;
    private double _zeroThreshold;
    private double _countLost;
    private double _sumLost;
    private double _zeroLost;
    private bool _isCompensated;

    /// <summary>The schema.</summary>
    public int Schema { get; private set; }

    /// <summary>The number of observations, without what rounding took.</summary>
    public double Count => _count;

    /// <summary>What is known of a counter reset before it.</summary>
    public CounterResetHint CounterResetHint { get; set; }

    /// <summary>Are the buckets custom ones?</summary>
    public bool HasCustomBuckets => Schema == NativeHistogram.CustomBucketsSchema;

    /// <summary>Is any count, the sum or a custom bound infinite?</summary>
    public bool HasInfinity =>
        double.IsInfinity(_zeroCount) || double.IsInfinity(_count) || double.IsInfinity(_sum)
        || BucketSums.AnyInfinite(_positive.Counts) || BucketSums.AnyInfinite(_negative.Counts)
        || BucketSums.AnyInfinite(CustomBounds);

    private ReadOnlySpan<double> CustomBounds => _boundsBuffer.AsSpan(0, _boundCount);

    /// <summary>What it is now, to be read; valid until the next change.</summary>
    internal HistogramView View => new()
    {
        Schema = Schema,
        Count = _count,
        Sum = _sum,
        ZeroCount = _zeroCount,
        ZeroThreshold = _zeroThreshold,
        ZeroLost = _zeroLost,
        Hint = CounterResetHint,
        Positive = _positive.View,
        Negative = _negative.View,
        CustomBounds = CustomBounds,
    };

    /// <summary>Makes it a copy of a histogram, whatever it was before.</summary>
    public void Load(NativeHistogram histogram) => Load(new HistogramView(histogram));

    /// <summary>Adds a histogram. The sum has the lower of the schemas and the larger of the zero buckets.</summary>
    /// <returns>
    /// In what they did not agree; after <see cref="HistogramConflicts.Schemas"/> nothing has changed.
    /// </returns>
    public HistogramConflicts Add(NativeHistogram histogram) => Combine(new HistogramView(histogram), 1, false);

    /// <summary>Subtracts a histogram; the hint becomes what it becomes when adding.</summary>
    /// <returns>As with <see cref="Add"/>.</returns>
    public HistogramConflicts Subtract(NativeHistogram histogram) => Combine(new HistogramView(histogram), -1, false);

    /// <summary>Adds a histogram and keeps what rounding takes, until <see cref="EndCompensation"/>.</summary>
    /// <returns>As with <see cref="Add"/>.</returns>
    public HistogramConflicts AddCompensated(NativeHistogram histogram) =>
        Combine(new HistogramView(histogram), 1, true);

    /// <summary>Adds what rounding has taken in compensated additions.</summary>
    public void EndCompensation()
    {
        if (!_isCompensated) return;
        _zeroCount += _zeroLost;
        _count += _countLost;
        _sum += _sumLost;
        AddLost(ref _positive);
        AddLost(ref _negative);
        ForgetLost();
    }

    /// <summary>Multiplies all counts and the sum. By a negative factor it becomes a gauge.</summary>
    public void Multiply(double factor)
    {
        _zeroCount *= factor;
        _count *= factor;
        _sum *= factor;
        _zeroLost *= factor;
        _countLost *= factor;
        _sumLost *= factor;
        BucketSums.Multiply(_positive.Counts, factor, _positive.Counts);
        BucketSums.Multiply(_positive.Lost, factor, _positive.Lost);
        BucketSums.Multiply(_negative.Counts, factor, _negative.Counts);
        BucketSums.Multiply(_negative.Lost, factor, _negative.Lost);
        if (factor < 0) CounterResetHint = CounterResetHint.Gauge;
    }

    /// <summary>
    /// Divides all counts and the sum. By a negative divisor it becomes a gauge; division by 0 takes all buckets away.
    /// </summary>
    public void Divide(double divisor)
    {
        _zeroCount /= divisor;
        _count /= divisor;
        _sum /= divisor;
        _zeroLost /= divisor;
        _countLost /= divisor;
        _sumLost /= divisor;
        if (divisor == 0)
        {
            _positive.Clear();
            _negative.Clear();
            return;
        }

        BucketSums.Divide(_positive.Counts, divisor, _positive.Counts);
        BucketSums.Divide(_positive.Lost, divisor, _positive.Lost);
        BucketSums.Divide(_negative.Counts, divisor, _negative.Counts);
        BucketSums.Divide(_negative.Lost, divisor, _negative.Lost);
        if (divisor < 0) CounterResetHint = CounterResetHint.Gauge;
    }

    /// <summary>Lowers the resolution; nothing is known of counter resets afterwards.</summary>
    /// <param name="schema">An exponential schema, not above that of the histogram, an exponential one too.</param>
    public void LowerSchema(int schema)
    {
        if (schema == Schema) return;
        if (HasCustomBuckets || schema == NativeHistogram.CustomBucketsSchema || schema > Schema)
            throw new ArgumentOutOfRangeException(nameof(schema), schema, "Not a lower resolution.");
        LowerBuckets(schema);
        CounterResetHint = CounterResetHint.Unknown;
    }

    /// <summary>Leaves out empty buckets; spans end only at gaps.</summary>
    public void Compact()
    {
        Compact(ref _positive);
        Compact(ref _negative);
    }

    /// <summary>A copy of what it is now; what rounding took is not in it.</summary>
    public NativeHistogram ToHistogram() => new()
    {
        Schema = Schema,
        Count = _count,
        Sum = _sum,
        ZeroCount = _zeroCount,
        ZeroThreshold = _zeroThreshold,
        CounterResetHint = CounterResetHint,
        PositiveSpans = _positive.Spans.ToArray(),
        PositiveCounts = _positive.Counts.ToArray(),
        NegativeSpans = _negative.Spans.ToArray(),
        NegativeCounts = _negative.Counts.ToArray(),
        CustomBounds = CustomBounds.ToArray(),
    };

    /// <summary>Makes it a copy of another one, with what rounding took.</summary>
    internal void Load(HistogramAccumulator other)
    {
        Load(other.View);
        _isCompensated = other._isCompensated;
        _countLost = other._countLost;
        _sumLost = other._sumLost;
        _zeroLost = other._zeroLost;
    }

    /// <summary>Adds compensated, unless anything would be infinite then.</summary>
    /// <param name="histogram">What is added.</param>
    /// <param name="conflicts">In what they did not agree, also if the addition was taken back.</param>
    /// <returns>Has it been added? After <see cref="HistogramConflicts.Schemas"/> it has not.</returns>
    internal bool TryAddFinite(NativeHistogram histogram, out HistogramConflicts conflicts)
    {
        var other = new HistogramView(histogram);
        if (HasShapeOf(other))
        {
            conflicts = HintConflict(other.Hint);
            if (BecomesInfinite(other)) return false;
            Combine(other, 1, isCompensated: true);
            return true;
        }

        var saved = workspace.SavedState;
        saved.Load(this);
        conflicts = Combine(other, 1, isCompensated: true);
        if ((conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return false;
        if (!HasInfinity) return true;
        Load(saved);
        return false;
    }

    /// <summary>Adds another accumulator, but not what rounding took from it.</summary>
    internal HistogramConflicts AddCompensated(HistogramAccumulator other) => Combine(other.View, 1, true);

    private void Load(in HistogramView histogram)
    {
        Schema = histogram.Schema;
        CounterResetHint = histogram.Hint;
        _count = histogram.Count;
        _sum = histogram.Sum;
        _zeroCount = histogram.ZeroCount;
        _zeroThreshold = histogram.ZeroThreshold;
        SetCustomBounds(histogram.CustomBounds);
        ForgetLost();
        _positive.Load(histogram.Positive.Spans, histogram.Positive.Counts, histogram.Positive.Lost);
        _negative.Load(histogram.Negative.Spans, histogram.Negative.Counts, histogram.Negative.Lost);
    }

    private void SetCustomBounds(ReadOnlySpan<double> bounds)
    {
        if (_boundsBuffer.Length < bounds.Length) _boundsBuffer = new double[bounds.Length];
        bounds.CopyTo(_boundsBuffer);
        _boundCount = bounds.Length;
    }

    private void ForgetLost()
    {
        _isCompensated = false;
        _countLost = 0;
        _sumLost = 0;
        _zeroLost = 0;
        _positive.EndCompensation();
        _negative.EndCompensation();
    }

    private void BeginCompensation()
    {
        if (_isCompensated) return;
        _isCompensated = true;
        _positive.BeginCompensation();
        _negative.BeginCompensation();
    }

    private HistogramConflicts Combine(in HistogramView other, double sign, bool isCompensated)
    {
        if (HasCustomBuckets != other.HasCustomBuckets) return HistogramConflicts.Schemas;
        if (isCompensated) BeginCompensation();
        else EndCompensation();
        var conflicts = AdjustHint(other.Hint);
        if (!HasCustomBuckets)
        {
            var zeroCount = MatchZeroBuckets(other, out var zeroLost);
            AddTo(ref _zeroCount, ref _zeroLost, sign * zeroCount);
            if (isCompensated) AddTo(ref _zeroCount, ref _zeroLost, zeroLost);
        }

        AddTo(ref _count, ref _countLost, sign * other.Count);
        AddTo(ref _sum, ref _sumLost, sign * other.Sum);
        if (HasCustomBuckets) return conflicts | AddCustomBuckets(other, sign);
        if (other.Schema < Schema) LowerBuckets(other.Schema);
        AddBuckets(ref _positive, other.Positive, other.Schema, sign);
        AddBuckets(ref _negative, other.Negative, other.Schema, sign);
        return conflicts;
    }

    private void AddTo(ref double number, ref double lost, double added)
    {
        if (_isCompensated) KahanSum.Add(added, ref number, ref lost);
        else number += added;
    }

    private void AddBuckets(ref BucketSide side, in BucketView added, int schema, double sign)
    {
        if (added.Counts.IsEmpty) return;
        var other = added;
        if (schema > Schema)
        {
            BucketOperations.Lower(added, schema - Schema, _isCompensated, workspace.Lowered);
            other = workspace.Lowered.View;
        }

        if (TryAddInPlace(ref side, other, sign)) return;
        BucketOperations.Add(side.View, other, Schema, _zeroThreshold, sign, _isCompensated, workspace.Result);
        side.Load(workspace.Result, _isCompensated);
    }

    private bool TryAddInPlace(ref BucketSide side, in BucketView added, double sign)
    {
        // What rounding takes when resolutions are lowered is added too, but not by the loops over runs.
        if (_isCompensated && !added.Lost.IsEmpty) return false;
        if (!HasCustomBuckets && added.BeginsWithin(Schema, _zeroThreshold)) return false;
        var own = side.View;
        if (own.HasLayoutOf(added))
        {
            if (_isCompensated) BucketSums.AddCompensated(side.Counts, side.Lost, added.Counts);
            else BucketSums.Add(side.Counts, added.Counts, sign);
            return true;
        }

        if (!BucketRuns.TryFind(own, added, stackalloc BucketRuns.Run[BucketRuns.MaxCount], out var runs)) return false;
        if (_isCompensated) runs.AddCompensated(side.Counts, side.Lost, added.Counts);
        else runs.Add(side.Counts, added.Counts, sign);
        return true;
    }

    private bool CanAddInPlace(in BucketView side, in BucketView added) =>
        side.HasLayoutOf(added) && (HasCustomBuckets || !added.BeginsWithin(Schema, _zeroThreshold));

    private HistogramConflicts AddCustomBuckets(in HistogramView other, double sign)
    {
        if (CustomBoundsUnion.AreEqual(CustomBounds, other.CustomBounds))
        {
            AddBuckets(ref _positive, other.Positive, Schema, sign);
            return HistogramConflicts.None;
        }

        var common = CustomBoundsUnion.Intersect(CustomBounds, other.CustomBounds);
        CustomBoundsUnion.Add(
            _positive.View, CustomBounds, other.Positive, other.CustomBounds, sign, common,
            workspace.Result);
        _positive.Load(workspace.Result, _isCompensated);
        SetCustomBounds(common);
        return HistogramConflicts.CustomBounds;
    }

    // Finds a zero bucket that suits both, makes it the own one, and answers what would be in the other's.
    private double MatchZeroBuckets(in HistogramView other, out double lost)
    {
        var count = other.ZeroCount;
        var threshold = other.ZeroThreshold;
        lost = 0;
        while (threshold < _zeroThreshold || threshold > _zeroThreshold)
        {
            if (threshold < _zeroThreshold)
            {
                threshold = _zeroThreshold;
                ZeroBucketGrowth.Measure(other, ref threshold, out count, out lost);
            }

            if (threshold > _zeroThreshold) WidenZeroBucket(threshold);
        }

        return count;
    }

    private void WidenZeroBucket(double threshold)
    {
        ZeroBucketGrowth.Measure(View, ref threshold, out _zeroCount, out var lost);
        if (_isCompensated) _zeroLost = lost;
        _zeroThreshold = threshold;
        BucketOperations.CompactOutside(_positive.View, Schema, threshold, workspace.Result);
        _positive.Load(workspace.Result, _isCompensated);
        BucketOperations.CompactOutside(_negative.View, Schema, threshold, workspace.Result);
        _negative.Load(workspace.Result, _isCompensated);
    }

    private void LowerBuckets(int schema)
    {
        BucketOperations.Lower(_positive.View, Schema - schema, _isCompensated, workspace.Result);
        _positive.Load(workspace.Result, _isCompensated);
        BucketOperations.Lower(_negative.View, Schema - schema, _isCompensated, workspace.Result);
        _negative.Load(workspace.Result, _isCompensated);
        Schema = schema;
    }

    private void Compact(ref BucketSide side)
    {
        if (BucketOperations.IsCompact(side.View)) return;
        BucketOperations.Compact(side.View, 0, workspace.Result);
        side.Load(workspace.Result, _isCompensated);
    }

    private void AddLost(ref BucketSide side)
    {
        var cursor = side.View.GetCursor();
        while (cursor.MoveNext())
        {
            if (!HasCustomBuckets && BucketBounds.UpperOfExponential(Schema, cursor.Index) <= _zeroThreshold) continue;
            BucketSums.Add(side.Counts[cursor.Position..], side.Lost[cursor.Position..], 1);
            return;
        }
    }

    private HistogramConflicts HintConflict(CounterResetHint other) => (CounterResetHint, other) switch
    {
        (CounterResetHint.CounterReset, CounterResetHint.NotCounterReset) => HistogramConflicts.CounterResetHints,
        (CounterResetHint.NotCounterReset, CounterResetHint.CounterReset) => HistogramConflicts.CounterResetHints,
        _ => HistogramConflicts.None,
    };

    // A gauge and anything is a gauge; else what one does not know, or what they contradict each other in, is unknown.
    private HistogramConflicts AdjustHint(CounterResetHint other)
    {
        var conflict = HintConflict(other);
        if (CounterResetHint == other) return conflict;
        CounterResetHint = CounterResetHint == CounterResetHint.Gauge || other == CounterResetHint.Gauge
            ? CounterResetHint.Gauge
            : CounterResetHint.Unknown;
        return conflict;
    }

    private bool HasShapeOf(in HistogramView other) =>
        Schema == other.Schema && _zeroThreshold == other.ZeroThreshold
        && (!HasCustomBuckets || CustomBoundsUnion.AreEqual(CustomBounds, other.CustomBounds))
        && CanAddInPlace(_positive.View, other.Positive) && CanAddInPlace(_negative.View, other.Negative);

    private bool BecomesInfinite(in HistogramView other) =>
        double.IsInfinity(_zeroCount + other.ZeroCount) || double.IsInfinity(_count + other.Count)
        || double.IsInfinity(_sum + other.Sum)
        || BucketSums.AnyBecomesInfinite(_positive.Counts, other.Positive.Counts)
        || BucketSums.AnyBecomesInfinite(_negative.Counts, other.Negative.Counts)
        || BucketSums.AnyInfinite(CustomBounds);
}

// Hot path.
namespace PromHost.Model;

/// <summary>
/// One side of a histogram that is being computed. Spans and counts are its own: what they were copied from may be
/// written over.
/// </summary>
internal struct BucketSide
{
    private HistogramSpan[]? _spans;
    private int _spanCount;
    private double[]? _counts;
    private double[]? _lost;
    private int _count;
    private bool _isCompensated;

    /// <summary>The layout.</summary>
    public readonly ReadOnlySpan<HistogramSpan> Spans => _spans.AsSpan(0, _spanCount);

    /// <summary>The counts.</summary>
    public readonly Span<double> Counts => _counts.AsSpan(0, _count);

    /// <summary>What rounding has taken from the counts; empty if that is not kept.</summary>
    public readonly Span<double> Lost => _isCompensated ? _lost.AsSpan(0, _count) : default;

    /// <summary>The side, to be read.</summary>
    public readonly BucketView View => new(Spans, Counts, Lost);

    /// <summary>Makes it a copy of what is read.</summary>
    /// <param name="spans">The layout.</param>
    /// <param name="counts">The counts.</param>
    /// <param name="lost">What rounding has taken from them; empty if that is not kept.</param>
    public void Load(ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<double> counts, ReadOnlySpan<double> lost)
    {
        _spanCount = spans.Length;
        if (_spans is null || _spans.Length < _spanCount) _spans = new HistogramSpan[RoomFor(_spanCount)];
        spans.CopyTo(_spans);
        _count = counts.Length;
        if (_counts is null || _counts.Length < _count) _counts = new double[RoomFor(_count)];
        counts.CopyTo(_counts);
        _isCompensated = !lost.IsEmpty;
        if (lost.IsEmpty) return;
        if (_lost is null || _lost.Length < _count) _lost = new double[_counts.Length];
        lost.CopyTo(_lost);
    }

    /// <summary>Takes over what a builder has made.</summary>
    /// <param name="builder">The builder, which is free afterwards.</param>
    /// <param name="isCompensated">Is what rounding takes kept?</param>
    public void Load(BucketBuilder builder, bool isCompensated)
    {
        var made = builder.View;
        Load(made.Spans, made.Counts, isCompensated ? made.Lost : default);
        _isCompensated = isCompensated;
    }

    /// <summary>Keeps from now on what rounding takes; nothing has been taken so far.</summary>
    public void BeginCompensation()
    {
        if (_isCompensated) return;
        _isCompensated = true;
        if (_lost is null || _lost.Length < _count) _lost = new double[_counts?.Length ?? 0];
        else _lost.AsSpan(0, _count).Clear();
    }

    /// <summary>Forgets what rounding has taken.</summary>
    public void EndCompensation() => _isCompensated = false;

    /// <summary>Takes all buckets away.</summary>
    public void Clear()
    {
        _spanCount = 0;
        _count = 0;
    }

    // Layouts grow bucket by bucket.
    private static int RoomFor(int count) => (count + 7) & ~7;
}

// Hot path.
namespace PromHost.Model;

/// <summary>
/// One side of a histogram that is being computed. Spans are shared with whoever made them and never changed; counts
/// are its own.
/// </summary>
internal struct BucketSide
{
    private ReadOnlyMemory<HistogramSpan> _spans;
    private double[]? _counts;
    private double[]? _lost;
    private int _count;
    private bool _isCompensated;

    /// <summary>The layout.</summary>
    public readonly ReadOnlyMemory<HistogramSpan> Spans => _spans;

    /// <summary>The counts.</summary>
    public readonly Span<double> Counts => _counts.AsSpan(0, _count);

    /// <summary>What rounding has taken from the counts; empty if that is not kept.</summary>
    public readonly Span<double> Lost => _isCompensated ? _lost.AsSpan(0, _count) : default;

    /// <summary>The side, to be read.</summary>
    public readonly BucketView View => new(_spans.Span, Counts, Lost);

    /// <summary>Makes it a copy of what is read.</summary>
    /// <param name="spans">The layout, which is shared.</param>
    /// <param name="counts">The counts, which are copied.</param>
    /// <param name="lost">What rounding has taken from them; empty if that is not kept.</param>
    public void Load(ReadOnlyMemory<HistogramSpan> spans, ReadOnlySpan<double> counts, ReadOnlySpan<double> lost)
    {
        _spans = spans;
        _count = counts.Length;
        if (_counts is null || _counts.Length < _count) _counts = new double[_count];
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
        var isSameLayout = made.HasLayoutOf(new BucketView(_spans.Span, Counts, default));
        Load(isSameLayout ? _spans : made.Spans.ToArray(), made.Counts, isCompensated ? made.Lost : default);
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
        _spans = default;
        _count = 0;
    }
}

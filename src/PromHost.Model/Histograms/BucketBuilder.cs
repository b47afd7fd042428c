// Hot path: used again and again, so it allocates only while it grows.
namespace PromHost.Model;

/// <summary>Takes the buckets of one side of a new histogram, outward from zero.</summary>
internal sealed class BucketBuilder
{
    private HistogramSpan[] _spans = new HistogramSpan[4];
    private double[] _counts = new double[32];
    private double[] _lost = new double[32];
    private int _spanCount;
    private int _end;

    /// <summary>The number of buckets.</summary>
    public int Count { get; private set; }

    /// <summary>What was taken; valid until the next change.</summary>
    public BucketView View => new(_spans.AsSpan(0, _spanCount), _counts.AsSpan(0, Count), _lost.AsSpan(0, Count));

    /// <summary>Forgets all buckets.</summary>
    public void Clear()
    {
        _spanCount = 0;
        Count = 0;
    }

    /// <summary>Would a bucket with the index follow the last one without a gap?</summary>
    public bool EndsBefore(int index) => Count > 0 && index == _end;

    /// <summary>Is this the index of the last bucket?</summary>
    public bool EndsWith(int index) => Count > 0 && index == _end - 1;

    /// <summary>How many buckets are missing between the last one and an index; 0 before the first.</summary>
    public long GapBefore(int index) => Count > 0 ? (long)index - _end : 0;

    /// <summary>Appends a bucket.</summary>
    /// <param name="index">Its index, above that of the last one.</param>
    /// <param name="count">Its count.</param>
    /// <param name="lost">What rounding has taken from the count.</param>
    /// <param name="beginsSpan">Does it begin a span even if it follows the last one without a gap?</param>
    public void Append(int index, double count, double lost, bool beginsSpan)
    {
        if (beginsSpan || !EndsBefore(index))
        {
            if (_spanCount == _spans.Length) Array.Resize(ref _spans, _spanCount * 2);
            _spans[_spanCount++] = new HistogramSpan(Count == 0 ? index : index - _end, 1);
        }
        else
        {
            ref var span = ref _spans[_spanCount - 1];
            span = span with { Length = span.Length + 1 };
        }

        if (Count == _counts.Length)
        {
            Array.Resize(ref _counts, Count * 2);
            Array.Resize(ref _lost, Count * 2);
        }

        _counts[Count] = count;
        _lost[Count++] = lost;
        _end = index + 1;
    }

    /// <summary>Appends buckets that follow each other without a gap.</summary>
    /// <param name="index">The index of the first, above that of the last one.</param>
    /// <param name="counts">Their counts.</param>
    /// <param name="lost">What rounding has taken from the counts; empty if nothing.</param>
    public void AppendRun(int index, ReadOnlySpan<double> counts, ReadOnlySpan<double> lost)
    {
        if (EndsBefore(index))
        {
            ref var span = ref _spans[_spanCount - 1];
            span = span with { Length = span.Length + (uint)counts.Length };
        }
        else
        {
            if (_spanCount == _spans.Length) Array.Resize(ref _spans, _spanCount * 2);
            _spans[_spanCount++] = new HistogramSpan(Count == 0 ? index : index - _end, (uint)counts.Length);
        }

        if (_counts.Length - Count < counts.Length)
        {
            var size = Math.Max(_counts.Length * 2, Count + counts.Length);
            Array.Resize(ref _counts, size);
            Array.Resize(ref _lost, size);
        }

        counts.CopyTo(_counts.AsSpan(Count));
        if (lost.IsEmpty) _lost.AsSpan(Count, counts.Length).Clear();
        else lost.CopyTo(_lost.AsSpan(Count));
        Count += counts.Length;
        _end = index + counts.Length;
    }

    /// <summary>Adds to the last bucket.</summary>
    /// <param name="count">A count.</param>
    /// <param name="lost">What rounding has taken from it.</param>
    /// <param name="isCompensated">Is what rounding takes kept?</param>
    public void AddToLast(double count, double lost, bool isCompensated)
    {
        if (!isCompensated)
        {
            _counts[Count - 1] += count;
            return;
        }

        KahanSum.Add(count, ref _counts[Count - 1], ref _lost[Count - 1]);
        if (lost != 0) KahanSum.Add(lost, ref _counts[Count - 1], ref _lost[Count - 1]);
    }
}

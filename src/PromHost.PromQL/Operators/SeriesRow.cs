// Hot path: one row per series of every operator.
using System.Numerics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// What one series is worth at every step of the grid: values, a bit per step that says whether there is one, and
/// histograms beside. A buffer that is filled again and again; owned by whoever made it.
/// </summary>
/// <remarks>
/// Its histograms are its own copies and valid until the row is cleared or filled again: whoever needs one longer
/// copies it, or takes them all over by <see cref="TakeFrom"/>.
/// </remarks>
internal sealed class SeriesRow
{
    private readonly double[] _values;
    private readonly ulong[] _presence;
    private NativeHistogram?[] _histograms = []; // as long as the row once it has had a histogram
    private HistogramPool? _pool; // where they lie

    public SeriesRow(int stepCount)
    {
        StepCount = stepCount;
        _values = new double[stepCount];
        _presence = new ulong[(stepCount + 63) / 64];
    }

    /// <summary>The number of steps.</summary>
    public int StepCount { get; }

    /// <summary>What a row of floats takes in memory.</summary>
    public static long BytesOf(int stepCount) => 128 + stepCount * 8L + stepCount / 8;

    /// <summary>A value per step; means something only where a point is present and is no histogram.</summary>
    public Span<double> Values => _values;

    /// <summary>A bit per step, lowest bit first: is there a point? Bits past the last step are 0.</summary>
    public Span<ulong> Presence => _presence;

    /// <summary>May any step hold a histogram? A row that has had some says so until it is cleared.</summary>
    public bool HasHistograms { get; private set; }

    /// <summary>
    /// A histogram or null per step; empty when <see cref="HasHistograms"/> is false. As with values, what stands where
    /// no point is present means nothing.
    /// </summary>
    public ReadOnlySpan<NativeHistogram?> Histograms => HasHistograms ? _histograms : default;

    /// <summary>What the range function that filled the row has to say of it; for its own inspection.</summary>
    public RangeNotes Notes { get; set; }

    /// <summary>Windows in which a counter's start lies before the sample before; for the same inspection.</summary>
    public int StartOverlaps { get; set; }

    /// <summary>Forgets all points.</summary>
    public void Clear()
    {
        Notes = RangeNotes.None;
        StartOverlaps = 0;
        Array.Clear(_presence);
        ForgetHistograms();
    }

    /// <summary>Is there a point at the step?</summary>
    public bool Has(int step) => (_presence[step >> 6] & (1UL << (step & 63))) != 0;

    /// <summary>The histogram of a point; null if it is a float. The point must be present.</summary>
    public NativeHistogram? HistogramAt(int step) => HasHistograms ? _histograms[step] : null;

    /// <summary>Sets a float point.</summary>
    public void Set(int step, double value)
    {
        _values[step] = value;
        _presence[step >> 6] |= 1UL << (step & 63);
        if (HasHistograms) _histograms[step] = null;
    }

    /// <summary>Sets a histogram point to a copy of a histogram.</summary>
    public void Set(int step, NativeHistogram histogram) => Put(step, Pool.Own(histogram));

    /// <summary>Sets a histogram point to what an accumulator is now.</summary>
    public void Set(int step, HistogramAccumulator histogram) => Put(step, Pool.Copy(histogram));

    /// <summary>Sets a point to the histogram that stands at another step.</summary>
    public void Repeat(int step, int fromStep) => Put(step, _histograms[fromStep]!);

    /// <summary>Takes a point away.</summary>
    public void Unset(int step)
    {
        _presence[step >> 6] &= ~(1UL << (step & 63));
        if (HasHistograms) _histograms[step] = null;
    }

    /// <summary>Takes all histogram points away.</summary>
    /// <returns>Were there any?</returns>
    public bool RemoveHistograms()
    {
        if (!HasHistograms) return false;
        var removed = false;
        for (var word = 0; word < _presence.Length; word++)
        {
            for (var bits = _presence[word]; bits != 0; bits &= bits - 1)
            {
                var bit = BitOperations.TrailingZeroCount(bits);
                if (_histograms[word * 64 + bit] is null) continue;
                _presence[word] &= ~(1UL << bit);
                removed = true;
            }
        }

        ForgetHistograms();
        return removed;
    }

    /// <summary>Marks every step as present.</summary>
    public void FillPresence()
    {
        _presence.AsSpan().Fill(ulong.MaxValue);
        if ((StepCount & 63) != 0) _presence[^1] = (1UL << (StepCount & 63)) - 1;
    }

    /// <summary>The number of points.</summary>
    public int CountPresent()
    {
        var count = 0;
        foreach (var word in _presence) count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>What its histograms take in memory, taken from the first of them.</summary>
    public long HistogramBytes()
    {
        foreach (var histogram in Histograms)
        {
            if (histogram is null) continue;
            return StepCount * 8L + (HistogramSize.BytesOf(histogram) + 64L) * CountPresent();
        }

        return 0;
    }

    /// <summary>Copies another row of the same length over this one.</summary>
    public void CopyFrom(SeriesRow other)
    {
        CopyFloats(other);
        ForgetHistograms();
        if (!other.HasHistograms) return;
        var known = -1;
        for (var step = 0; step < StepCount; step++)
        {
            if (other._histograms[step] is not { } histogram || !Has(step)) continue;
            // One point after the other often is the same sample.
            if (known >= 0 && ReferenceEquals(histogram, other._histograms[known])) Repeat(step, known);
            else Set(step, histogram);
            known = step;
        }
    }

    /// <summary>The same, but takes its histograms over: the other row has none afterwards.</summary>
    public void TakeFrom(SeriesRow other)
    {
        CopyFloats(other);
        ForgetHistograms();
        if (!other.HasHistograms) return;
        (_histograms, other._histograms) = (other._histograms, _histograms);
        (_pool, other._pool) = (other._pool, _pool);
        (HasHistograms, other.HasHistograms) = (true, false);
    }

    private HistogramPool Pool => _pool ??= new HistogramPool();

    private void Put(int step, NativeHistogram histogram)
    {
        _presence[step >> 6] |= 1UL << (step & 63);
        if (_histograms.Length == 0) _histograms = new NativeHistogram?[StepCount];
        _histograms[step] = histogram;
        HasHistograms = true;
    }

    private void CopyFloats(SeriesRow other)
    {
        other._values.CopyTo(_values, 0);
        other._presence.CopyTo(_presence, 0);
        Notes = other.Notes;
        StartOverlaps = other.StartOverlaps;
    }

    // Column and memory are used again by the row's next histograms.
    private void ForgetHistograms()
    {
        if (!HasHistograms) return;
        Array.Clear(_histograms);
        _pool?.Clear();
        HasHistograms = false;
    }
}

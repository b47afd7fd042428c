// Hot path: one row per series of every operator.
using System.Numerics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// What one series is worth at every step of the grid: values, a bit per step that says whether there is one, and
/// histograms beside. A buffer that is filled again and again; owned by whoever made it.
/// </summary>
internal sealed class SeriesRow
{
    private readonly double[] _values;
    private readonly ulong[] _presence;
    private NativeHistogram?[]? _histograms;

    public SeriesRow(int stepCount)
    {
        StepCount = stepCount;
        _values = new double[stepCount];
        _presence = new ulong[(stepCount + 63) / 64];
    }

    /// <summary>The number of steps.</summary>
    public int StepCount { get; }

    /// <summary>A value per step; means something only where a point is present and is no histogram.</summary>
    public Span<double> Values => _values;

    /// <summary>A bit per step, lowest bit first: is there a point? Bits past the last step are 0.</summary>
    public Span<ulong> Presence => _presence;

    /// <summary>Does any step hold a histogram?</summary>
    public bool HasHistograms => _histograms is not null;

    /// <summary>A histogram or null per step; empty when <see cref="HasHistograms"/> is false.</summary>
    public ReadOnlySpan<NativeHistogram?> Histograms => _histograms;

    /// <summary>Forgets all points.</summary>
    public void Clear()
    {
        Array.Clear(_presence);
        _histograms = null;
    }

    /// <summary>Is there a point at the step?</summary>
    public bool Has(int step) => (_presence[step >> 6] & (1UL << (step & 63))) != 0;

    /// <summary>Sets a float point.</summary>
    public void Set(int step, double value)
    {
        _values[step] = value;
        _presence[step >> 6] |= 1UL << (step & 63);
    }

    /// <summary>Sets a histogram point.</summary>
    public void Set(int step, NativeHistogram histogram)
    {
        _presence[step >> 6] |= 1UL << (step & 63);
        (_histograms ??= new NativeHistogram?[StepCount])[step] = histogram;
    }

    /// <summary>Takes a point away.</summary>
    public void Unset(int step)
    {
        _presence[step >> 6] &= ~(1UL << (step & 63));
        if (_histograms is not null) _histograms[step] = null;
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

    /// <summary>Copies another row of the same length over this one.</summary>
    public void CopyFrom(SeriesRow other)
    {
        other._values.CopyTo(_values, 0);
        other._presence.CopyTo(_presence, 0);
        _histograms = other._histograms is null ? null : [.. other._histograms];
    }
}

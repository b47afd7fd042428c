// Hot path: the windows of up to 64 steps.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>
/// The windows of steps that follow each other. Kernels that carry nothing from window to window compute four at a
/// time, one per lane.
/// </summary>
internal readonly ref struct WindowBlock
{
    /// <summary>How many windows are computed at a time.</summary>
    public const int Lanes = 4;

    /// <summary>Timestamps of all samples of the series.</summary>
    public required ReadOnlySpan<long> TimestampsMs { get; init; }

    /// <summary>Their values.</summary>
    public required ReadOnlySpan<double> Values { get; init; }

    /// <summary>Index of the first sample of each window.</summary>
    public required ReadOnlySpan<int> Firsts { get; init; }

    /// <summary>Index after the last sample of each window.</summary>
    public required ReadOnlySpan<int> Ends { get; init; }

    /// <summary>The number of the first window's step.</summary>
    public required int Step { get; init; }

    /// <summary>The evaluation time of the first window.</summary>
    public required long TimeMs { get; init; }

    /// <summary>New end of the first window, inclusive.</summary>
    public required long EndMs { get; init; }

    /// <summary>From window to window.</summary>
    public required long StepMs { get; init; }

    /// <summary>
    /// Have they all the same number of samples, at the same distances from both of their ends, and is each as many
    /// samples further on as the one before it?
    /// </summary>
    public bool AreAlike { get; init; }

    /// <summary>Have four windows so many samples, and, if wanted, as many as each other?</summary>
    /// <param name="index">The first of the four.</param>
    /// <param name="minSamples">How many at least.</param>
    /// <param name="sameCount">Must they have as many as each other?</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool LanesHave(int index, int minSamples, bool sameCount)
    {
        var counts = LaneCounts(index);
        return Vector128.GreaterThanOrEqualAll(counts, Vector128.Create(minSamples)) &&
            (!sameCount || Vector128.EqualsAll(counts, Vector128.Create(counts.ToScalar())));
    }

    /// <summary>The numbers of samples of four windows.</summary>
    /// <param name="index">The first of the four.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<int> LaneCounts(int index) => Vector128.Create(Ends[index..]) - Vector128.Create(Firsts[index..]);

    /// <summary>A time of four windows that moves on from step to step.</summary>
    /// <param name="index">The first of the four.</param>
    /// <param name="timeMs">That of the block's first window.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<long> LaneTimes(int index, long timeMs)
    {
        var firstMs = timeMs + (index * StepMs);
        return Vector256.Create(firstMs, firstMs + StepMs, firstMs + (2 * StepMs), firstMs + (3 * StepMs));
    }

    /// <summary>Value and timestamp of the first sample of four windows.</summary>
    /// <param name="index">The first of the four; none is empty.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector256<double> Values, Vector256<long> TimesMs) FirstSamples(int index)
    {
        var at = Firsts.Slice(index, Lanes);
        return SamplesAt(at[0], at[1], at[2], at[3]);
    }

    /// <summary>Value and timestamp of the last sample of four windows.</summary>
    /// <param name="index">The first of the four; none is empty.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector256<double> Values, Vector256<long> TimesMs) LastSamples(int index)
    {
        var at = Ends.Slice(index, Lanes);
        return SamplesAt(at[0] - 1, at[1] - 1, at[2] - 1, at[3] - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector256<double> Values, Vector256<long> TimesMs) SamplesAt(int a, int b, int c, int d) => (
        Vector256.Create(Values[a], Values[b], Values[c], Values[d]),
        Vector256.Create(TimestampsMs[a], TimestampsMs[b], TimestampsMs[c], TimestampsMs[d]));
}

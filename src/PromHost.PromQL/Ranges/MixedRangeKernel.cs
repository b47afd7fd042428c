// Hot path: one call per window of a series that has histograms.
namespace PromHost.PromQL;

/// <summary>
/// What a range function computes from windows that may hold histograms; the counterpart of <see cref="IRangeKernel"/>
/// for series that are not floats alone. Keeps its scratch memory and its state from window to window; one per thread.
/// </summary>
internal abstract class MixedRangeKernel
{
    /// <summary>Ends the evaluation; for kernels to whom one window can be dear.</summary>
    protected CancellationToken Cancellation { get; private set; }

    /// <summary>Gets ready for another series.</summary>
    public virtual void Begin(MixedSamples samples)
    {
    }

    /// <summary>
    /// Computes one window, which is not empty, and sets the point and the notes of the row, if there are any.
    /// </summary>
    /// <param name="window">Windows come in order; neither end ever moves back.</param>
    /// <param name="row">Where the point belongs, at the step of the window.</param>
    public abstract void Compute(in MixedWindow window, SeriesRow row);

    /// <summary>Evaluates all windows of one series.</summary>
    /// <param name="windows">The windows.</param>
    /// <param name="samples">The series.</param>
    /// <param name="row">Cleared; filled.</param>
    /// <param name="cancellation">Asked at every step: windows over histograms can be dear.</param>
    /// <returns>What upstream's statistics count.</returns>
    public RangeCounts Evaluate(
        in RangeGrid windows, MixedSamples samples, SeriesRow row, CancellationToken cancellation)
    {
        if (samples.Count == 0) return default;
        Cancellation = cancellation;
        Begin(samples);
        var walk = new WindowWalk(windows, samples.TimestampsMs);
        long total = 0, read = 0, largest = 0;
        for (var step = 0; step < row.StepCount; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var known = walk.End;
            walk.MoveTo(step);
            if (walk.First == walk.End) continue;
            var weight = samples.WeightBefore(walk.End) - samples.WeightBefore(walk.First);
            total += weight;
            read += samples.WeightBefore(walk.End) - samples.WeightBefore(Math.Max(walk.First, known));
            largest = Math.Max(largest, weight);
            Compute(
                new MixedWindow
                {
                    Samples = samples,
                    First = walk.First,
                    End = walk.End,
                    StartMs = walk.EndMs - windows.RangeMs,
                    EndMs = walk.EndMs,
                    Step = step,
                    TimeMs = windows.Grid.TimeMs(step),
                },
                row);
        }

        return new RangeCounts(total, read, (int)Math.Min(largest, int.MaxValue));
    }
}

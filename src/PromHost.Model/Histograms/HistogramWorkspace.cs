namespace PromHost.Model;

/// <summary>
/// Buffers that calculations with histograms use for a moment, so that they need not allocate. One for each thread
/// that calculates; accumulators may share it as long as one of them works at a time.
/// </summary>
public sealed class HistogramWorkspace
{
    private HistogramAccumulator? _operand;
    private HistogramAccumulator? _savedState;

    /// <summary>For the side that an operation makes.</summary>
    internal BucketBuilder Result { get; } = new();

    /// <summary>For the side of a second histogram in a lower resolution.</summary>
    internal BucketBuilder Lowered { get; } = new();

    /// <summary>For a changed copy of a histogram that is added.</summary>
    internal HistogramAccumulator Operand => _operand ??= new HistogramAccumulator(this);

    /// <summary>For what an accumulator was before an addition that may be taken back.</summary>
    internal HistogramAccumulator SavedState => _savedState ??= new HistogramAccumulator(this);
}

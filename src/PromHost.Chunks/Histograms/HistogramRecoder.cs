namespace PromHost.Chunks;

/// <summary>
/// What encoders need now and then to change a layout: one for all encoders of a thread, so that an open chunk costs
/// no more than its state.
/// </summary>
public sealed class HistogramRecoder
{
    internal BucketUnion Positive { get; } = new();

    internal BucketUnion Negative { get; } = new();

    internal RawHistogram Offered { get; } = new();

    internal RawHistogram Recoded { get; } = new();

    internal HistogramChunkDecoder Decoder { get; } = new();
}

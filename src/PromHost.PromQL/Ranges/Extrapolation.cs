// Hot path.
namespace PromHost.PromQL;

/// <summary>
/// How much of a change between the first and the last sample of a window makes the change over the whole range
/// (Prometheus 3.14, <c>extrapolatedRate</c>): for histograms and for counters whose start is known.
/// <see cref="RateKernel{TShape}"/> has the same for plain floats.
/// </summary>
internal readonly ref struct Extrapolation
{
    /// <summary>Times of the window's samples; not empty.</summary>
    public required ReadOnlySpan<long> TimesMs { get; init; }

    /// <summary>Old end of the range.</summary>
    public required long StartMs { get; init; }

    /// <summary>New end of the range.</summary>
    public required long EndMs { get; init; }

    /// <summary>When the counter was zero, inside of the range and before the first sample; null: not known.</summary>
    public long? ZeroMs { get; init; }

    /// <summary>The first sample as a part of the change, where a counter cannot be negative; else NaN.</summary>
    public double FirstShare { get; init; } = double.NaN;

    public Extrapolation()
    {
    }

    /// <summary>The factor; 1 where there is no time between the samples.</summary>
    public double Factor
    {
        get
        {
            var firstMs = TimesMs[0];
            var lastMs = TimesMs[^1];
            var toStart = (firstMs - StartMs) / 1000.0;
            var toEnd = (EndMs - lastMs) / 1000.0;
            var sampled = (lastMs - firstMs) / 1000.0;
            var spacing = TimesMs.Length > 1 ? sampled / (TimesMs.Length - 1) : 0;
            var threshold = spacing * 1.1;
            if (ZeroMs is { } zeroMs)
            {
                toStart = 0;
                sampled = (lastMs - zeroMs) / 1000.0;
            }
            else
            {
                if (toStart >= threshold) toStart = spacing / 2;
                var toZero = sampled * FirstShare;
                if (toZero < toStart) toStart = toZero;
            }

            if (toEnd >= threshold) toEnd = spacing / 2;
            return sampled == 0 ? 1 : (sampled + toStart + toEnd) / sampled;
        }
    }
}

namespace PromHost.PromQL;

/// <summary>What one thread computes a range function with: the kernel for floats, and, when a series needs it, the one
/// for histograms beside them.</summary>
/// <param name="floats">The kernel for floats.</param>
/// <param name="makeMixed">Makes the other one.</param>
internal sealed class RangeKernels<TKernel>(TKernel floats, Func<MixedRangeKernel> makeMixed)
    where TKernel : struct, IRangeKernel
{
    private MixedRangeKernel? _mixed;
    private MixedSamples? _samples;

    /// <summary>The kernel for series of floats; changes in place.</summary>
    public TKernel Floats = floats;

    /// <summary>The kernel for all other series.</summary>
    public MixedRangeKernel Mixed => _mixed ??= makeMixed();

    /// <summary>Where the samples of these go.</summary>
    public MixedSamples Samples => _samples ??= new MixedSamples();
}

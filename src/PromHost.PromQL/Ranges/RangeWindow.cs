// Hot path: one window per series and step.
namespace PromHost.PromQL;

/// <summary>The samples of one series with the window that a range function looks at now.</summary>
internal readonly ref struct RangeWindow
{
    /// <summary>Timestamps of all samples of the series that the query reads, ascending.</summary>
    public ReadOnlySpan<long> TimestampsMs { get; init; }

    /// <summary>Values of all samples, without staleness markers.</summary>
    public ReadOnlySpan<double> Values { get; init; }

    /// <summary>Index of the first sample of the window.</summary>
    public int First { get; init; }

    /// <summary>Index after the last sample of the window; the window is never empty.</summary>
    public int End { get; init; }

    /// <summary>Old end of the window, exclusive.</summary>
    public long StartMs { get; init; }

    /// <summary>New end of the window, inclusive.</summary>
    public long EndMs { get; init; }

    /// <summary>The number of the step.</summary>
    public int Step { get; init; }

    /// <summary>The evaluation time, which offsets and <c>@</c> do not move.</summary>
    public long TimeMs { get; init; }

    /// <summary>Ends the evaluation; given when a kernel begins, for those to whom one window can be dear.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The number of samples of the window.</summary>
    public int Count => End - First;

    /// <summary>The values of the window.</summary>
    public ReadOnlySpan<double> WindowValues => Values[First..End];
}

// Hot path: one window per series and step.
namespace PromHost.PromQL;

/// <summary>The window that a range function looks at now in a series that has histograms; never empty.</summary>
internal readonly ref struct MixedWindow
{
    /// <summary>All samples of the series that the query reads.</summary>
    public required MixedSamples Samples { get; init; }

    /// <summary>Index of the first sample of the window.</summary>
    public int First { get; init; }

    /// <summary>Index after the last sample of the window.</summary>
    public int End { get; init; }

    /// <summary>Old end of the range, exclusive.</summary>
    public long StartMs { get; init; }

    /// <summary>New end of the range, inclusive.</summary>
    public long EndMs { get; init; }

    /// <summary>The number of the step.</summary>
    public int Step { get; init; }

    /// <summary>The evaluation time, which offsets and <c>@</c> do not move.</summary>
    public long TimeMs { get; init; }

    /// <summary>Index of the window's first histogram among the histograms.</summary>
    public int FirstHistogram => Samples.HistogramsBefore(First);

    /// <summary>Index after the window's last histogram among the histograms.</summary>
    public int EndHistogram => Samples.HistogramsBefore(End);

    /// <summary>Does the window hold floats?</summary>
    public bool HasFloats => EndHistogram - FirstHistogram < End - First;

    /// <summary>Does the window hold histograms?</summary>
    public bool HasHistograms => EndHistogram > FirstHistogram;

    /// <summary>The window over the floats alone; may be empty.</summary>
    public RangeWindow Floats => new()
    {
        TimestampsMs = Samples.Floats.TimestampsMs,
        Values = Samples.Floats.Samples,
        First = First - FirstHistogram,
        End = End - EndHistogram,
        StartMs = StartMs,
        EndMs = EndMs,
        Step = Step,
        TimeMs = TimeMs,
    };

    /// <summary>The same window for those whom only times and numbers of samples matter.</summary>
    public RangeWindow All => new()
    {
        TimestampsMs = Samples.TimestampsMs,
        Values = Samples.Values,
        First = First,
        End = End,
        StartMs = StartMs,
        EndMs = EndMs,
        Step = Step,
        TimeMs = TimeMs,
    };
}

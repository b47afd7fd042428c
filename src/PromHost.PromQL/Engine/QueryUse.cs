using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>What a query uses, one for all of its operators. Thread-safe but for what is set once.</summary>
/// <param name="memory">The memory that it may hold.</param>
internal sealed class QueryUse(QueryMemory memory)
{
    private long _heldSamples;
    private long _peakSamples;

    /// <summary>Is it explained, and how?</summary>
    public ExplainMode Explain { get; init; }

    /// <summary>Are its samples counted at each step, too?</summary>
    public bool WithSteps { get; init; }

    /// <summary>The memory that it holds.</summary>
    public QueryMemory Memory { get; } = memory;

    /// <summary>The view of the storage; set after planning.</summary>
    public IQuerier Querier { get; set; } = null!;

    /// <summary>What it has read; set after planning, null before.</summary>
    public QuerySampleCounts? Counts { get; set; }

    /// <summary>The root of its plan; set when planning begins.</summary>
    public PlanNode? Root { get; set; }

    /// <summary>Samples held now.</summary>
    public long HeldSamples => Interlocked.Read(ref _heldSamples);

    /// <summary>Most samples held at once.</summary>
    public long PeakSamples => Interlocked.Read(ref _peakSamples);

    /// <summary>Counts samples that are held from now on, or for a negative number let go.</summary>
    public void HoldSamples(long count)
    {
        var held = Interlocked.Add(ref _heldSamples, count);
        if (held > Interlocked.Read(ref _peakSamples)) Interlocked.Exchange(ref _peakSamples, held);
    }
}

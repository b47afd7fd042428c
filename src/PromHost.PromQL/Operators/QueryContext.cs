using System.Globalization;
using System.Text;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>What the operators of one query share.</summary>
internal sealed class QueryContext
{
    /// <summary>Prometheus's text for a query over its limit of samples.</summary>
    public const string TooManySamplesText =
        "query processing would load too many samples into memory in query execution";

    private long _heldSamples;

    /// <summary>The view of the storage; set after planning, when its range is known, and before any Open.</summary>
    public IQuerier Querier { get; set; } = null!;

    public required QueryLimits Limits { get; init; }

    public required QueryFeatures Features { get; init; }

    /// <summary>Warnings and infos of the query.</summary>
    public Annotations Annotations { get; } = new();

    /// <summary>Cancelled by the client, by an operator or by the time limit.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>The text of the query; positions in the syntax tree are byte offsets into its UTF-8 form.</summary>
    public required string QueryText { get; init; }

    /// <summary>How far instant selectors look back, in milliseconds; a request may set its own.</summary>
    public required long LookbackMs { get; init; }

    /// <summary>Threads that help this query's own; null when it has to do without.</summary>
    public QueryWorkers? Helpers { get; init; }

    /// <summary>Samples held now.</summary>
    public long HeldSamples => Interlocked.Read(ref _heldSamples);

    /// <summary>Most samples held at once so far.</summary>
    public long PeakSamples { get; private set; }

    /// <summary>Adds a warning.</summary>
    /// <param name="position">What it is about.</param>
    /// <param name="text">Without the prefix and the place.</param>
    /// <param name="node">The node that says it, if that is another; of the same texts the last node's stays.</param>
    public void Warn(PositionRange position, string text, PositionRange? node = null) =>
        Annotations.AddWarning($"PromQL warning: {text}", PlaceOf(position), (node ?? position).End);

    /// <summary>Adds an info.</summary>
    /// <param name="position">What it is about.</param>
    /// <param name="text">Without the prefix and the place.</param>
    /// <param name="node">The node that says it, if that is another; of the same texts the last node's stays.</param>
    public void Inform(PositionRange position, string text, PositionRange? node = null) =>
        Annotations.AddInfo($"PromQL info: {text}", PlaceOf(position), (node ?? position).End);

    /// <summary>Accounts for samples that are held from now on.</summary>
    /// <exception cref="QueryException">The query holds more than it may.</exception>
    public void HoldSamples(long count)
    {
        var held = Interlocked.Add(ref _heldSamples, count);
        if (held > PeakSamples) PeakSamples = held;
        if (held > Limits.MaxSamples)
        {
            throw new QueryException(QueryErrorKind.Execution, TooManySamplesText);
        }
    }

    /// <summary>Accounts for samples that are let go.</summary>
    public void ReleaseSamples(long count) => Interlocked.Add(ref _heldSamples, -count);

    // Line and column, both from 1, the column in bytes.
    private string PlaceOf(PositionRange position)
    {
        var utf8 = Encoding.UTF8.GetBytes(QueryText);
        if (position.Start < 0 || position.Start > utf8.Length) return "invalid position";
        var before = utf8.AsSpan(0, position.Start);
        return string.Create(CultureInfo.InvariantCulture,
            $"{before.Count((byte)'\n') + 1}:{position.Start - before.LastIndexOf((byte)'\n')}");
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// What the operators of one query share, as seen from one expression of it: what an operator holds is accounted to the
/// expression that it evaluates.
/// </summary>
internal sealed class QueryContext
{
    /// <summary>Prometheus's text for a query over its limit of samples.</summary>
    public const string TooManySamplesText =
        "query processing would load too many samples into memory in query execution";

    // What an array, a list's entry or a dictionary's entry costs beside its contents, roughly.
    private const int ObjectBytes = 32;

    /// <summary>Made with everything set.</summary>
    public QueryContext()
    {
    }

    [SetsRequiredMembers]
    private QueryContext(QueryContext other, PlanNode node)
    {
        Limits = other.Limits;
        Features = other.Features;
        Annotations = other.Annotations;
        CancellationToken = other.CancellationToken;
        QueryText = other.QueryText;
        LookbackMs = other.LookbackMs;
        Use = other.Use;
        Helpers = other.Helpers;
        Turn = other.Turn;
        Node = node;
    }

    /// <summary>The view of the storage; set after planning, when its range is known, and before any Open.</summary>
    public IQuerier Querier
    {
        get => Use.Querier;
        set => Use.Querier = value;
    }

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

    /// <summary>Samples and bytes that the query holds.</summary>
    public required QueryUse Use { get; init; }

    /// <summary>The expression from which this is seen.</summary>
    public required PlanNode Node { get; init; }

    /// <summary>Threads that help this query's own; null when it has to do without.</summary>
    public QueryWorkers? Helpers { get; init; }

    /// <summary>The turn of the query's own thread; null when it computes without taking turns.</summary>
    public QueryTurns.Turn? Turn { get; init; }

    /// <summary>The same as seen from another expression of the query.</summary>
    public QueryContext At(PlanNode node) => new(this, node);

    /// <summary>Adds a warning.</summary>
    /// <param name="position">What it is about.</param>
    /// <param name="text">Without the prefix and the place.</param>
    /// <param name="node">The node that says it, if that is another; of the same texts the last node's stays.</param>
    public void Warn(PositionRange position, string text, PositionRange? node = null) =>
        Annotations.AddWarning($"PromQL warning: {text}", PlaceOf(position), (node ?? position).End);

    /// <summary>Adds a warning that counts how often it holds.</summary>
    /// <param name="position">What it is about.</param>
    /// <param name="text">Without the prefix, the count and the place.</param>
    /// <param name="node">The node that says it; of the same texts the first node's stays.</param>
    /// <param name="count">How often it holds.</param>
    public void WarnCounted(PositionRange position, string text, PositionRange node, int count) =>
        Annotations.AddCountedWarning($"PromQL warning: {text}", PlaceOf(position), node.End, count);

    /// <summary>Adds an info.</summary>
    /// <param name="position">What it is about.</param>
    /// <param name="text">Without the prefix and the place.</param>
    /// <param name="node">The node that says it, if that is another; of the same texts the last node's stays.</param>
    public void Inform(PositionRange position, string text, PositionRange? node = null) =>
        Annotations.AddInfo($"PromQL info: {text}", PlaceOf(position), (node ?? position).End);

    /// <summary>
    /// Accounts for samples that are held from now on. The limit is upstream's, on all samples held at once, but asked
    /// of each expression alone: whatever one holds here, upstream holds at a time too, while what several hold it may
    /// hold one after the other. So nothing is refused that upstream accepts; the limit on bytes is on all together.
    /// </summary>
    /// <exception cref="QueryException">The query holds more than it may.</exception>
    public void HoldSamples(long count)
    {
        Use.HoldSamples(count);
        if (Node.HoldSamples(count) > Limits.MaxSamples)
        {
            throw new QueryException(QueryErrorKind.Execution, TooManySamplesText);
        }
    }

    /// <summary>Accounts for samples that are let go.</summary>
    public void ReleaseSamples(long count)
    {
        Use.HoldSamples(-count);
        Node.HoldSamples(-count);
    }

    /// <summary>
    /// Accounts for memory that is held from now on: asked for before it is allocated, by the slab, row or batch. What
    /// is not released goes with the query.
    /// </summary>
    /// <exception cref="QueryException">The query holds more than it may.</exception>
    public void HoldBytes(long bytes)
    {
        var verdict = Use.Memory.Hold(bytes);
        if (verdict == MemoryVerdict.Granted)
        {
            Node.Hold(bytes);
            return;
        }

        // It may be over for another reason already, which tells more.
        CancellationToken.ThrowIfCancellationRequested();
        throw MemoryTexts.Refusal(this, verdict);
    }

    /// <summary>Accounts for memory that is let go while the query goes on.</summary>
    public void ReleaseBytes(long bytes)
    {
        Node.Hold(-bytes);
        Use.Memory.Release(bytes);
    }

    /// <summary>
    /// Ends the evaluation when nobody waits for it any more, and lets other queries have their turn; cheap enough for
    /// a loop over rows. On the query's own thread, and without a lock.
    /// </summary>
    /// <exception cref="OperationCanceledException">The query is over.</exception>
    public void CheckEnded()
    {
        Turn?.MakeRoom();
        CancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary><see cref="CheckEnded()"/> now and then; for a loop over series.</summary>
    /// <param name="position">The loop's counter.</param>
    /// <exception cref="OperationCanceledException">The query is over.</exception>
    public void CheckEnded(int position)
    {
        if ((position & 1023) == 0) CheckEnded();
    }

    /// <summary>Accounts for the label sets that an operator has made, or the storage for it.</summary>
    public void HoldLabels(ReadOnlySpan<OutputSeries> series)
    {
        var bytes = 0L;
        foreach (var one in series) bytes += BytesOf(one.Labels) + ObjectBytes;
        HoldBytes(bytes);
    }

    /// <summary>Accounts for the label sets that an operator has made.</summary>
    public void HoldLabels(IReadOnlyList<Labels> sets)
    {
        var bytes = 0L;
        foreach (var labels in sets) bytes += BytesOf(labels) + ObjectBytes;
        HoldBytes(bytes);
    }

    /// <summary>What a label set takes in memory.</summary>
    public static long BytesOf(Labels labels) => labels.IsEmpty ? 0 : labels.Encoded.Length + ObjectBytes;

    /// <summary>Where a position is: line and column, both from 1, the column in bytes.</summary>
    public string PlaceOf(PositionRange position)
    {
        var utf8 = Encoding.UTF8.GetBytes(QueryText);
        if (position.Start < 0 || position.Start > utf8.Length) return "invalid position";
        var before = utf8.AsSpan(0, position.Start);
        return string.Create(CultureInfo.InvariantCulture,
            $"{before.Count((byte)'\n') + 1}:{position.Start - before.LastIndexOf((byte)'\n')}");
    }

    /// <summary>The text of an expression as it stands in the query.</summary>
    public string TextOf(PositionRange position)
    {
        var utf8 = Encoding.UTF8.GetBytes(QueryText);
        return position.Start < 0 || position.End > utf8.Length || position.End < position.Start
            ? QueryText
            : Encoding.UTF8.GetString(utf8, position.Start, position.End - position.Start);
    }
}

using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// What a query is told that ends because of memory: which limit, which sub-expression, and what helps.
/// </summary>
internal static class MemoryTexts
{
    // Of a long sub-expression its beginning tells enough; its place is told beside it.
    private const int MaxTextLength = 200;

    private const string Advice = "ask for fewer series, a shorter range or a longer step, or ";

    /// <summary>The error of a query that asked for more than it may hold.</summary>
    public static QueryException Refusal(QueryContext context, MemoryVerdict verdict)
    {
        var memory = context.Use.Memory;
        var place = Describe(context, context.Node);
        return new QueryException(QueryErrorKind.Execution, verdict == MemoryVerdict.QueryIsFull
            ? $"query would hold more than {Size(memory.LimitBytes)} of memory in {place}: {Advice}raise " +
              "--query.max-memory"
            : $"all queries together would hold more than {Size(memory.PoolLimitBytes)} of memory, this one " +
              $"{Size(memory.HeldBytes)} of it, in {place}: {Advice}try again later, or raise " +
              "--query.max-total-memory");
    }

    /// <summary>The error of a query that was ended to make room for others.</summary>
    public static QueryException Sacrifice(QueryContext context)
    {
        var memory = context.Use.Memory;
        return new QueryException(QueryErrorKind.Execution,
            $"query was ended because all queries together held {Size(memory.PoolLimitBytes)} of memory, this one " +
            $"the most, {Size(memory.PeakBytes)}, in {Describe(context, context.Node.FindLargest())}: " +
            $"{Advice}try again later, or raise --query.max-total-memory");
    }

    // As flags take it, in whole mebibytes or kibibytes.
    private static string Size(long bytes) => Base2Bytes.Format(
        bytes >= 1 << 20 ? bytes >> 20 << 20 : bytes >= 1 << 10 ? bytes >> 10 << 10 : bytes);

    private static string Describe(QueryContext context, PlanNode node)
    {
        var position = node.Expression.Position;
        var text = context.TextOf(position);
        if (text.Length > MaxTextLength) text = text[..MaxTextLength] + "…";
        return $"\"{text}\" ({context.PlaceOf(position)})";
    }
}

namespace PromHost.PromQL;

/// <summary>
/// A node of the syntax tree. The family is closed: number and string literals, vector and matrix selectors,
/// subqueries, unary and binary expressions, parentheses, calls, aggregations and duration expressions. Nodes are
/// immutable; a tree is safe to share between threads.
/// </summary>
public abstract record Expression
{
    private protected Expression(PositionRange position) => Position = position;

    /// <summary>Where the node stands in the text, in bytes of its UTF-8 form.</summary>
    public PositionRange Position { get; init; }

    /// <summary>What the node evaluates to.</summary>
    public abstract ValueType Type { get; }

    /// <summary>The direct operands, in the order in which upstream walks them.</summary>
    public virtual IReadOnlyList<Expression> Children => [];

    /// <summary>The number of nodes on the longest way down; bounded by the parser.</summary>
    internal int Height { get; private protected init; } = 1;

    /// <summary>The expression in PromQL's normal form; parsing it again gives the same tree.</summary>
    public sealed override string ToString() => Printer.Print(this);
}

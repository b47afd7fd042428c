using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>An instant vector selector, and the series part of a <see cref="MatrixSelector"/>.</summary>
public sealed record VectorSelector : Expression
{
    /// <summary>Creates a selector without modifiers.</summary>
    /// <param name="name">The metric name written before the braces, or empty.</param>
    /// <param name="matchers">All matchers; that of <paramref name="name"/> is the last.</param>
    /// <param name="position">Where it stands.</param>
    public VectorSelector(string name, IReadOnlyList<LabelMatcher> matchers, PositionRange position)
        : base(position)
    {
        Name = name;
        Matchers = matchers;
    }

    /// <summary>The metric name written before the braces; empty when there is none.</summary>
    public string Name { get; init; }

    /// <summary>All matchers in source order; the one for <see cref="Name"/>, if any, is the last.</summary>
    public IReadOnlyList<LabelMatcher> Matchers { get; init; }

    /// <summary>The offset in milliseconds as written; 0 for none or with <see cref="OffsetExpression"/>.</summary>
    public long OffsetMs { get; init; }

    /// <summary>The offset, when it has to be computed from the query's range and step.</summary>
    public DurationExpression? OffsetExpression { get; init; }

    /// <summary>The timestamp of an <c>@</c> modifier, in milliseconds since the epoch.</summary>
    public long? AtMs { get; init; }

    /// <summary>The end named by an <c>@ start()</c> or <c>@ end()</c> modifier.</summary>
    public AtAnchor At { get; init; }

    /// <summary>Was it written with the <c>anchored</c> modifier?</summary>
    public bool IsAnchored { get; init; }

    /// <summary>Was it written with the <c>smoothed</c> modifier?</summary>
    public bool IsSmoothed { get; init; }

    /// <summary>True for the second argument of <c>info</c>, which may match the empty label set.</summary>
    public bool BypassesEmptyMatcherCheck { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Vector;
}

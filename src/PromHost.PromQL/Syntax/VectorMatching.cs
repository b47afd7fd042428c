namespace PromHost.PromQL;

/// <summary>How the series of two vectors find their partners.</summary>
public sealed record VectorMatching
{
    /// <summary>The match without any modifier: one to one, on all labels.</summary>
    public static VectorMatching Default { get; } = new();

    /// <summary>How many series of each side may share a match group.</summary>
    public MatchingCardinality Cardinality { get; init; }

    /// <summary>True for <c>on</c>: match by <see cref="Labels"/> only; false: by all labels but those.</summary>
    public bool IsOn { get; init; }

    /// <summary>The labels of <c>on</c> or <c>ignoring</c>, as written.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The labels of <c>group_left</c> or <c>group_right</c> that are copied from the "one" side.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>The value that stands for a missing series of the left side, or null.</summary>
    public double? FillLeft { get; init; }

    /// <summary>The value that stands for a missing series of the right side, or null.</summary>
    public double? FillRight { get; init; }
}

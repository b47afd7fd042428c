namespace PromHost.Server;

/// <summary>The names behind <c>--enable-feature</c>; Prometheus 3.14's.</summary>
internal static class FeatureNames
{
    public const string DelayedNameRemoval = "promql-delayed-name-removal";
    public const string ExperimentalFunctions = "promql-experimental-functions";
    public const string ExtendedRangeSelectors = "promql-extended-range-selectors";
    public const string BinopFillModifiers = "promql-binop-fill-modifiers";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        DelayedNameRemoval, ExperimentalFunctions, ExtendedRangeSelectors, BinopFillModifiers,
        // Always on upstream by now: accepted without effect.
        "promql-duration-expr", "promql-at-modifier", "promql-negative-offset", "remote-write-receiver",
    };

    /// <summary>Does the name mean something here?</summary>
    public static bool IsKnown(string name) => Known.Contains(name);
}

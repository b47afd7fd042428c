namespace PromHost.Server;

/// <summary>The names behind <c>--enable-feature</c>; Prometheus 3.14's.</summary>
internal static class FeatureNames
{
    public const string DelayedNameRemoval = "promql-delayed-name-removal";
    public const string ExperimentalFunctions = "promql-experimental-functions";
    public const string ExtendedRangeSelectors = "promql-extended-range-selectors";
    public const string BinopFillModifiers = "promql-binop-fill-modifiers";
    public const string ExemplarStorage = "exemplar-storage";
    public const string StartTimestampStorage = "st-storage";
    public const string Xor2Encoding = "xor2-encoding";
    public const string HistogramStartTimestamps = "histograms-st-encoding";
    public const string UseStartTimestamps = "use-start-timestamps";
    public const string StepStatistics = "promql-per-step-stats";
    public const string TypeAndUnitLabels = "type-and-unit-labels";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        DelayedNameRemoval, ExperimentalFunctions, ExtendedRangeSelectors, BinopFillModifiers,
        ExemplarStorage, StartTimestampStorage, Xor2Encoding, HistogramStartTimestamps, UseStartTimestamps,
        StepStatistics, TypeAndUnitLabels,
        // Always on upstream by now: accepted without effect.
        "promql-duration-expr", "promql-at-modifier", "promql-negative-offset", "remote-write-receiver",
        "native-histograms", "ooo-native-histograms",
        // Always on here.
        "metadata-wal-records",
    };

    /// <summary>Does the name mean something here?</summary>
    public static bool IsKnown(string name) => Known.Contains(name);
}

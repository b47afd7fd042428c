namespace PromHost.Exposition;

/// <summary>What may come next in a line of OpenMetrics.</summary>
internal enum OpenMetricsLexerState : byte
{
    LineStart,
    Keyword,
    FamilyName,
    FamilyText,
    Labels,
    LabelValue,
    Value,
    Timestamp,
    ExemplarLabels,
    ExemplarValue,
    ExemplarTimestamp,
}

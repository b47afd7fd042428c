namespace PromHost.Exposition;

/// <summary>What a line of OpenMetrics is made of.</summary>
internal enum OpenMetricsToken : byte
{
    Invalid,
    Eof,
    EofWord,
    Linebreak,
    Help,
    Type,
    Unit,
    Text,
    ExemplarStart,
    MetricName,
    QuotedString,
    BraceOpen,
    BraceClose,
    LabelName,
    LabelValue,
    Equal,
    Comma,
    Timestamp,
    Value,
}

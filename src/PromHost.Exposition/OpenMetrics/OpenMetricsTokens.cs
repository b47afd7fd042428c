namespace PromHost.Exposition;

/// <summary>The names of tokens in Prometheus's messages.</summary>
internal static class OpenMetricsTokens
{
    /// <summary>The name of a token.</summary>
    public static string NameOf(OpenMetricsToken token) => token switch
    {
        OpenMetricsToken.Eof => "EOF",
        OpenMetricsToken.EofWord => "EOFWORD",
        OpenMetricsToken.Linebreak => "LINEBREAK",
        OpenMetricsToken.Help => "HELP",
        OpenMetricsToken.Type => "TYPE",
        OpenMetricsToken.Unit => "UNIT",
        OpenMetricsToken.Text => "TEXT",
        OpenMetricsToken.ExemplarStart => "COMMENT",
        OpenMetricsToken.MetricName => "MNAME",
        OpenMetricsToken.QuotedString => "QSTRING",
        OpenMetricsToken.BraceOpen => "BOPEN",
        OpenMetricsToken.BraceClose => "BCLOSE",
        OpenMetricsToken.LabelName => "LNAME",
        OpenMetricsToken.LabelValue => "LVALUE",
        OpenMetricsToken.Equal => "EQUAL",
        OpenMetricsToken.Comma => "COMMA",
        OpenMetricsToken.Timestamp => "TIMESTAMP",
        OpenMetricsToken.Value => "VALUE",
        _ => "INVALID",
    };
}

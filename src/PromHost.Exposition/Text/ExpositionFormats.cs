using System.Globalization;

namespace PromHost.Exposition;

/// <summary>The formats on the wire: which one a client gets and what it is called.</summary>
public static class ExpositionFormats
{
    /// <summary>The media type of a format, with its parameters.</summary>
    public static string ContentTypeOf(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
        : "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

    /// <summary>
    /// The format that an <c>Accept</c> header prefers: OpenMetrics only where it is named and no text format is
    /// preferred to it.
    /// </summary>
    /// <param name="accept">The header's value, or null.</param>
    public static ExpositionFormat Negotiate(string? accept)
    {
        double openMetrics = 0, text = 0;
        foreach (var range in accept.AsSpan().Split(','))
        {
            var clause = accept.AsSpan(range).Trim();
            var end = clause.IndexOf(';');
            var type = (end < 0 ? clause : clause[..end]).Trim();
            var quality = QualityOf(end < 0 ? default : clause[(end + 1)..], out var version);
            if (type.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
            {
                if (version is "" or "1.0.0" or "0.0.1") openMetrics = Math.Max(openMetrics, quality);
            }
            else if (type.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
            {
                if (version is "" or "0.0.4") text = Math.Max(text, quality);
            }
        }

        return openMetrics > 0 && openMetrics >= text ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
    }

    private static double QualityOf(ReadOnlySpan<char> parameters, out string version)
    {
        version = "";
        var quality = 1.0;
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
            {
                if (!double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                    out quality)) quality = 0;
            }
            else if (parameter.StartsWith("version=", StringComparison.OrdinalIgnoreCase))
            {
                version = parameter[8..].Trim('"').ToString();
            }
        }

        return quality;
    }
}

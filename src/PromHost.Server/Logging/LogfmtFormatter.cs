using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace PromHost.Server;

/// <summary>Writes log events as Prometheus does: <c>time=… level=INFO msg="…"</c>, or the same as JSON.</summary>
internal sealed class LogfmtFormatter(bool json) : ITextFormatter
{
    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(" =\"\n\r\t\\");

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        var line = new StringBuilder(200);
        if (json) line.Append('{');
        var time = logEvent.Timestamp.UtcDateTime;
        Append(line, "time", time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        Append(line, "level", Level(logEvent.Level));
        if (logEvent.Properties.TryGetValue("SourceContext", out var source) &&
            source is ScalarValue { Value: string name })
        {
            Append(line, "component", name[(name.LastIndexOf('.') + 1)..]);
        }

        Append(line, "msg", Message(logEvent));
        // Warnings are about what can happen; only of errors is it of use to know where in the code.
        if (logEvent.Exception is { } exception)
            Append(line, "err", logEvent.Level < LogEventLevel.Error ? exception.Message : exception.ToString());
        if (json) line.Append('}');
        output.WriteLine(line);
    }

    // Serilog's own rendering puts quotes around every string.
    private static string Message(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken property &&
                logEvent.Properties.TryGetValue(property.PropertyName, out var value) &&
                value is ScalarValue { Value: string plain })
            {
                text.Write(plain);
            }
            else
            {
                token.Render(logEvent.Properties, text, CultureInfo.InvariantCulture);
            }
        }

        return text.ToString();
    }

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose or LogEventLevel.Debug => "DEBUG",
        LogEventLevel.Information => "INFO",
        LogEventLevel.Warning => "WARN",
        _ => "ERROR",
    };

    private void Append(StringBuilder line, string key, string value)
    {
        if (json)
        {
            if (line.Length > 1) line.Append(',');
            line.Append('"').Append(key).Append("\":\"").Append(JsonEncodedText.Encode(value)).Append('"');
            return;
        }

        if (line.Length > 0) line.Append(' ');
        line.Append(key).Append('=');
        var plain = value.Length > 0 && value.AsSpan().IndexOfAny(NeedsQuotes) < 0;
        line.Append(plain ? value : Model.GoText.Quote(value));
    }
}

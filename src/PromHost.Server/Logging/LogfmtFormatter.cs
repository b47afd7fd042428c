using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;

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

        Append(line, "msg", logEvent.RenderMessage(CultureInfo.InvariantCulture));
        if (logEvent.Exception is { } exception) Append(line, "err", exception.ToString());
        if (json) line.Append('}');
        output.WriteLine(line);
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

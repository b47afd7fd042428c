namespace PromHost.PromQL;

/// <summary>A string at a time.</summary>
/// <param name="TimestampMs">The evaluation time, milliseconds since the Unix epoch.</param>
/// <param name="Utf8Value">The string's bytes; escapes can make them invalid UTF-8.</param>
public sealed record StringResult(long TimestampMs, ReadOnlyMemory<byte> Utf8Value) : QueryValue(ValueType.String)
{
    /// <summary>The string; bytes that are not UTF-8 show as U+FFFD.</summary>
    public string Value => System.Text.Encoding.UTF8.GetString(Utf8Value.Span);
}

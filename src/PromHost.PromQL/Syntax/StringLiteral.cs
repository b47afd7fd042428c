namespace PromHost.PromQL;

/// <summary>A string literal, unescaped.</summary>
public sealed record StringLiteral : Expression
{
    /// <summary>Creates a literal.</summary>
    /// <param name="utf8Value">The bytes the literal stands for; escapes can make them invalid UTF-8.</param>
    /// <param name="position">Where it stands.</param>
    public StringLiteral(ReadOnlyMemory<byte> utf8Value, PositionRange position)
        : base(position)
    {
        Utf8Value = utf8Value;
        Value = System.Text.Encoding.UTF8.GetString(utf8Value.Span);
    }

    /// <summary>The value as text; bytes that are not UTF-8 show as U+FFFD.</summary>
    public string Value { get; }

    /// <summary>The exact bytes of the value.</summary>
    public ReadOnlyMemory<byte> Utf8Value { get; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.String;
}

namespace PromHost.Model;

/// <summary>One label of a <see cref="Labels"/>, as views into its bytes.</summary>
public readonly ref struct LabelSpan
{
    internal LabelSpan(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ReadOnlySpan<byte> encoded)
    {
        Name = name;
        Value = value;
        Encoded = encoded;
    }

    /// <summary>The name, UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value, UTF-8.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The label in the encoding of <see cref="Labels"/>.</summary>
    public ReadOnlySpan<byte> Encoded { get; }
}

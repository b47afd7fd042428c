namespace PromHost.Model;

/// <summary>Rules for the names of labels and metrics.</summary>
public static class LabelNames
{
    /// <summary>Is it a label name that needs no quotes: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>?</summary>
    public static bool IsLegacyValid(ReadOnlySpan<byte> name) => IsPlain(name, colons: false);

    /// <summary>Is it a metric name that needs no quotes: <c>[a-zA-Z_:][a-zA-Z0-9_:]*</c>?</summary>
    public static bool IsLegacyValidMetricName(ReadOnlySpan<byte> name) => IsPlain(name, colons: true);

    private static bool IsPlain(ReadOnlySpan<byte> name, bool colons)
    {
        if (name.IsEmpty || char.IsAsciiDigit((char)name[0])) return false;
        foreach (var b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b != '_' && !(colons && b == ':')) return false;
        }

        return true;
    }
}

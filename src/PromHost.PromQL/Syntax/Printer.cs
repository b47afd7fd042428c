namespace PromHost.PromQL;

/// <summary>Writes expressions back as text, in PromQL's normal form.</summary>
internal static class Printer
{
    internal static string Print(Expression expression) => throw new NotSupportedException();
}

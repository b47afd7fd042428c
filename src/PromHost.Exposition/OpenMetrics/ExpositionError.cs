using System.Globalization;

namespace PromHost.Exposition;

/// <summary>What is wrong with an exposition.</summary>
/// <param name="Message">As Prometheus says it.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The byte of the line, from 1.</param>
public sealed record ExpositionError(string Message, long Line, int Column)
{
    /// <summary>Line, column and message.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}: {Message}");
}

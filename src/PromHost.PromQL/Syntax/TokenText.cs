using System.Text;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>How tokens are named in error texts.</summary>
internal static class TokenText
{
    private const int LongestQuoted = 10;

    // Upstream has no names for the words of histograms; its texts show the number of the token.
    private const int SumDescriptorNumber = 57370;
    private const int UnknownHintNumber = 57445;

    /// <summary>The token in an error text: what kind it is, where that is not plain, and how it is written.</summary>
    /// <param name="token">The token.</param>
    /// <param name="written">Its bytes.</param>
    public static string Describe(Token token, ReadOnlySpan<byte> written) => token.Kind switch
    {
        TokenKind.End or TokenKind.EndOfInput => "end of input",
        TokenKind.Identifier => "identifier " + GoText.Quote(written),
        TokenKind.MetricIdentifier => "metric identifier " + GoText.Quote(written),
        TokenKind.Number => "number " + QuoteShort(written),
        TokenKind.Duration => "duration " + QuoteShort(written),
        TokenKind.String => "string " + QuoteShort(written),
        >= TokenKind.SumDescriptor and <= TokenKind.CounterResetHintDescriptor =>
            $"\"<Item {token.Kind - TokenKind.SumDescriptor + SumDescriptorNumber}>\" {QuoteShort(written)}",
        >= TokenKind.UnknownResetHint and <= TokenKind.GaugeHint =>
            $"\"<Item {token.Kind - TokenKind.UnknownResetHint + UnknownHintNumber}>\" {QuoteShort(written)}",
        _ when token.IsKeyword => "<" + Encoding.UTF8.GetString(written) + ">",
        _ when token.IsOperator => "<op:" + Encoding.UTF8.GetString(written) + ">",
        _ when token.IsAggregation => "<aggr:" + Encoding.UTF8.GetString(written) + ">",
        _ => QuoteShort(written),
    };

    private static string QuoteShort(ReadOnlySpan<byte> written)
    {
        if (written.Length <= LongestQuoted) return GoText.Quote(written);
        var end = 0;
        for (var runes = 0; runes < LongestQuoted && end < written.Length; runes++)
        {
            Rune.DecodeFromUtf8(written[end..], out _, out var size);
            end += size;
        }

        return GoText.Quote(written[..end]) + "...";
    }
}

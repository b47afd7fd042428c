using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Parses histograms in the notation of test scripts.</summary>
internal sealed class HistogramParser(TokenStream tokens)
{
    /// <summary>Parses a number that may have a sign.</summary>
    public static bool TryParseNumber(TokenStream tokens, out double value)
    {
        value = 0;
        var isNegative = false;
        if (tokens.Peek().Kind is TokenKind.Add or TokenKind.Subtract)
            isNegative = tokens.Take().Kind == TokenKind.Subtract;
        if (tokens.Peek().Kind is not (TokenKind.Number or TokenKind.Duration)) return false;
        value = tokens.TakeNumber();
        if (isNegative) value = -value;
        return true;
    }

    /// <summary>Parses a histogram from its opening braces on.</summary>
    /// <returns>The histogram, or null while unwinding.</returns>
    public HistogramLiteral? Parse()
    {
        if (!tokens.TryExpect(TokenKind.OpenHistogram)) return null;
        var histogram = new HistogramLiteral();
        if (tokens.TryTake(TokenKind.CloseHistogram)) return histogram;
        if (tokens.TryTake(TokenKind.Space)) return tokens.TryExpect(TokenKind.CloseHistogram) ? histogram : null;
        var seen = new HashSet<TokenKind>();
        if (ParseField(histogram, seen) is not { } result) return null;
        while (!tokens.TryTake(TokenKind.CloseHistogram))
        {
            if (tokens.Peek().Kind == TokenKind.Space)
            {
                tokens.Take();
                if (tokens.TryTake(TokenKind.CloseHistogram)) break;
                if (ParseField(result, seen) is { } next)
                {
                    result = next;
                    continue;
                }
            }
            else if (tokens.TrySkip())
            {
                continue;
            }

            if (!tokens.TryRecover("histogram description", "histogram description key, e.g. buckets:[5 10 7]"))
                return null;
        }

        return result;
    }

    private HistogramLiteral? ParseField(HistogramLiteral histogram, HashSet<TokenKind> seen)
    {
        var key = tokens.Peek();
        if (key.Kind is not (>= TokenKind.SumDescriptor and <= TokenKind.CounterResetHintDescriptor)) return null;
        tokens.Take();
        if (!tokens.TryExpect(TokenKind.Colon)) return null;
        var changed = ParseValue(histogram, key.Kind);
        if (changed is null || seen.Add(key.Kind)) return changed;
        tokens.Report(default, $"duplicate key \"{tokens.TextOf(key)}\" in histogram");
        return histogram;
    }

    private HistogramLiteral? ParseValue(HistogramLiteral histogram, TokenKind key)
    {
        switch (key)
        {
            case TokenKind.CounterResetHintDescriptor:
                return ParseHint() is { } hint ? histogram with { ResetHint = hint } : null;
            case TokenKind.SchemaDescriptor or TokenKind.OffsetDescriptor or TokenKind.NegativeOffsetDescriptor:
                if (!TryParseInteger(out var integer)) return null;
                return key switch
                {
                    TokenKind.SchemaDescriptor => histogram with { Schema = integer },
                    TokenKind.OffsetDescriptor => histogram with { PositiveOffset = integer },
                    _ => histogram with { NegativeOffset = integer },
                };
            case TokenKind.BucketsDescriptor or TokenKind.NegativeBucketsDescriptor
                or TokenKind.CustomValuesDescriptor:
                if (ParseBuckets() is not { } buckets) return null;
                return key switch
                {
                    TokenKind.BucketsDescriptor => histogram with { PositiveBuckets = buckets },
                    TokenKind.NegativeBucketsDescriptor => histogram with { NegativeBuckets = buckets },
                    _ => histogram with { CustomValues = buckets },
                };
            case TokenKind.ZeroBucketWidthDescriptor when tokens.Peek().Kind is TokenKind.Add or TokenKind.Subtract:
                return null;
            default:
                if (!TryParseNumber(tokens, out var number)) return null;
                return key switch
                {
                    TokenKind.SumDescriptor => histogram with { Sum = number },
                    TokenKind.CountDescriptor => histogram with { Count = number },
                    TokenKind.ZeroBucketDescriptor => histogram with { ZeroCount = number },
                    _ => histogram with { ZeroThreshold = number },
                };
        }
    }

    private CounterResetHint? ParseHint()
    {
        CounterResetHint? hint = tokens.Peek().Kind switch
        {
            TokenKind.UnknownResetHint => CounterResetHint.Unknown,
            TokenKind.ResetHint => CounterResetHint.CounterReset,
            TokenKind.NotResetHint => CounterResetHint.NotCounterReset,
            TokenKind.GaugeHint => CounterResetHint.Gauge,
            _ => null,
        };
        if (hint is not null) tokens.Take();
        return hint;
    }

    private bool TryParseInteger(out int value)
    {
        value = 0;
        var isNegative = tokens.TryTake(TokenKind.Subtract);
        if (tokens.Peek().Kind != TokenKind.Number) return false;
        var token = tokens.Take();
        if (NumberText.ReadCount(tokens.WrittenOf(token), out var count) is { } error)
            tokens.Report(token.Position, "invalid repetition in series values: " + error);

        // As upstream: cut to 32 bits without a word.
        value = unchecked((int)(isNegative ? -(long)count : (long)count));
        return true;
    }

    private List<double>? ParseBuckets()
    {
        if (!tokens.TryExpect(TokenKind.LeftBracket)) return null;
        var buckets = new List<double>();
        if (!TryParseNumber(tokens, out var first)) return null;
        buckets.Add(first);
        while (!tokens.TryTake(TokenKind.RightBracket))
        {
            if (tokens.TryTake(TokenKind.Space))
            {
                if (tokens.TryTake(TokenKind.RightBracket)) return buckets;
                if (TryParseNumber(tokens, out var next))
                {
                    buckets.Add(next);
                    continue;
                }
            }

            // Upstream skips what is no bucket without a word.
            if (!tokens.TrySkip() && !tokens.TryRecoverSilently()) return null;
        }

        return buckets;
    }
}

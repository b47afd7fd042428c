using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Parses series in the notation of test scripts: a metric, then values separated by spaces.</summary>
internal sealed class SeriesParser(TokenStream tokens)
{
    // Far more than a script can mean; a longer series would only exhaust the memory.
    private const int MaxValues = 10_000_000;
    private const string LabelSet = "label set";

    private readonly List<SequenceValue> _values = [];
    private readonly HistogramParser _histograms = new(tokens);

    /// <summary>Parses the whole text; the result is meaningless when errors were reported.</summary>
    public SeriesDescription ParseWhole()
    {
        var labels = new LabelsBuilder();
        var isParsed = TryParseMetric(labels);
        var isGood = tokens.Peek().Kind is TokenKind.Space or TokenKind.EndOfInput or TokenKind.End;
        while (isParsed && !(isGood && TryParseValues()))
        {
            isParsed = tokens.TryRecover("series values", "");
            isGood = true;
        }

        ExpressionParser.Finish(tokens, isParsed);
        return new SeriesDescription(labels.ToLabels(), _values);
    }

    private bool TryParseMetric(LabelsBuilder labels)
    {
        Token? name = tokens.Peek().IsMetricName ? tokens.Take() : null;
        if (tokens.Peek().Kind == TokenKind.LeftBrace)
        {
            tokens.Take();
            if (tokens.Peek().Kind != TokenKind.RightBrace && !TryParseLabels(labels)) return false;
            tokens.Take();
        }

        if (name is { } metric) labels.Set(Labels.MetricNameUtf8, tokens.WrittenOf(metric));
        return true;
    }

    // Ends before the closing brace.
    private bool TryParseLabels(LabelsBuilder labels)
    {
        while (true)
        {
            if (!TryParseLabel(labels)) return false;
            while (tokens.Peek().Kind is not (TokenKind.Comma or TokenKind.RightBrace))
            {
                if (tokens.TrySkip()) continue;
                if (!tokens.TryRecover(LabelSet, "\",\" or \"}\"")) return false;
            }

            if (tokens.Peek().Kind == TokenKind.RightBrace) return true;
            tokens.Take();
            if (tokens.Peek().Kind == TokenKind.RightBrace) return true;
        }
    }

    private bool TryParseLabel(LabelsBuilder labels)
    {
        var label = tokens.Peek();
        if (label.Kind is not (TokenKind.Identifier or TokenKind.String))
            return tokens.TryRecover(LabelSet, "identifier or \"}\"");
        tokens.Take();
        var isQuoted = label.Kind == TokenKind.String;
        var written = tokens.WrittenOf(label);
        if (tokens.Peek().Kind != TokenKind.Assign)
        {
            if (!isQuoted) return tokens.TryRecover(LabelSet, "\"=\"");
            labels.Set(Labels.MetricNameUtf8, StringScanner.Unquote(written));
            return true;
        }

        tokens.Take();
        if (tokens.Peek().Kind != TokenKind.String) return tokens.TryRecover(LabelSet, "string");
        var value = StringScanner.Unquote(tokens.WrittenOf(tokens.Take()));
        labels.Set(isQuoted ? StringScanner.Unquote(written) : written, value);
        return true;
    }

    private bool TryParseValues()
    {
        while (tokens.TryTake(TokenKind.Space))
        {
            var isParsed = tokens.Peek().Kind switch
            {
                TokenKind.Blank => TryParseGap(),
                TokenKind.Identifier or TokenKind.Number or TokenKind.Duration or TokenKind.Add
                    or TokenKind.Subtract => TryParseNumbers(),
                TokenKind.OpenHistogram => TryParseHistograms(),
                _ => true,
            };
            if (!isParsed) return false;
        }

        return true;
    }

    private bool TryParseGap()
    {
        tokens.Take();
        if (!tokens.TryTake(TokenKind.Times)) return TryAdd(new SequenceValue { IsOmitted = true }, 1);
        return TryParseCount(out var count) && TryAdd(new SequenceValue { IsOmitted = true }, count);
    }

    private bool TryParseNumbers()
    {
        if (!TryParseNumber(out var value)) return false;
        ulong times;
        switch (tokens.Peek().Kind)
        {
            case TokenKind.Times:
                // One more: the value itself, then its repetitions.
                tokens.Take();
                return TryParseCount(out times) && TryAdd(new SequenceValue { Value = value }, Next(times));
            case TokenKind.Add or TokenKind.Subtract:
                if (!TryParseNumber(out var increment)) return false;
                return tokens.TryExpect(TokenKind.Times) && TryParseCount(out times) &&
                    TryAddSteps(value, increment, Next(times));
            default:
                return TryAdd(new SequenceValue { Value = value }, 1);
        }
    }

    private bool TryParseNumber(out double value)
    {
        value = StaleMarker.Value;
        if (tokens.Peek().Kind == TokenKind.Identifier)
        {
            var word = tokens.Take();
            if (!tokens.WrittenOf(word).SequenceEqual("stale"u8))
                tokens.ReportUnexpected("series values", "number or \"stale\"");
            return true;
        }

        return HistogramParser.TryParseNumber(tokens, out value);
    }

    private bool TryParseHistograms()
    {
        if (_histograms.Parse() is not { } histogram) return false;
        var isHintSet = histogram.ResetHint is not null;
        ulong times;
        switch (tokens.Peek().Kind)
        {
            case TokenKind.Times:
                tokens.Take();
                return TryParseCount(out times) &&
                    TryAdd(new SequenceValue { Histogram = histogram, IsCounterResetHintSet = isHintSet }, Next(times));
            case TokenKind.Add or TokenKind.Subtract:
                var sign = tokens.Take().Kind == TokenKind.Add ? 1 : -1;
                if (_histograms.Parse() is not { } increment) return false;
                if (!tokens.TryExpect(TokenKind.Times) || !TryParseCount(out times)) return false;
                return TryAddSteps(histogram, increment, sign, times);
            default:
                return TryAdd(new SequenceValue { Histogram = histogram, IsCounterResetHintSet = isHintSet }, 1);
        }
    }

    private bool TryAddSteps(HistogramLiteral histogram, HistogramLiteral increment, int sign, ulong times)
    {
        if (times > 0 && histogram.Schema > increment.Schema)
        {
            tokens.Report(
                tokens.Last.Position,
                "error combining histograms: cannot merge from schema " +
                $"{increment.Schema} to {histogram.Schema}");
            return true;
        }

        if (!HasRoomFor(Next(times))) return false;
        for (var i = 0; i <= (int)times; i++)
        {
            _values.Add(new SequenceValue
            {
                Histogram = histogram,
                Increment = i == 0 ? null : increment,
                IncrementCount = sign * i,
                IsCounterResetHintSet = increment.ResetHint is not null,
            });
        }

        return true;
    }

    private bool TryAddSteps(double value, double increment, ulong count)
    {
        if (!HasRoomFor(count)) return false;
        for (ulong i = 0; i < count; i++, value += increment) _values.Add(new SequenceValue { Value = value });
        return true;
    }

    private bool TryAdd(SequenceValue value, ulong count)
    {
        if (!HasRoomFor(count)) return false;
        for (ulong i = 0; i < count; i++) _values.Add(value);
        return true;
    }

    private bool HasRoomFor(ulong count)
    {
        if (count <= (ulong)(MaxValues - _values.Count)) return true;
        tokens.Abort(tokens.Last.Position, $"more than {MaxValues} values in a series");
        return false;
    }

    private bool TryParseCount(out ulong count)
    {
        count = 0;
        if (tokens.Peek().Kind != TokenKind.Number) return false;
        var token = tokens.Take();
        if (NumberText.ReadCount(tokens.WrittenOf(token), out count) is { } error)
            tokens.Report(token.Position, "invalid repetition in series values: " + error);
        return true;
    }

    private static ulong Next(ulong count) => count == ulong.MaxValue ? count : count + 1;
}

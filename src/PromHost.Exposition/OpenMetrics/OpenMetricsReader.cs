// Hot path: every sample of an import or a scrape is read here.
using System.Buffers;
using System.Text.Unicode;
using PromHost.Model;

namespace PromHost.Exposition;

/// <summary>
/// Reads OpenMetrics text (version 1.0.0) as Prometheus does, which is more lenient than the specification. What it
/// hands out are views of the text, valid as long as that; nothing is allocated per sample.
/// </summary>
/// <remarks>
/// An exposition may be read in pieces that end with whole lines: a reader per piece, one
/// <see cref="OpenMetricsFamily"/> for all.
/// </remarks>
public ref struct OpenMetricsReader
{
    private const string NoEnd = "data does not end with # EOF";

    private readonly OpenMetricsFamily _family;
    private readonly ExpositionReadOptions _options;
    private readonly bool _isLast;
    private OpenMetricsLexer _lexer;
    private int _entryStart;
    private int _seriesEnd;
    private int _textStart;
    private int _textEnd;
    private bool _takesExemplars;

    /// <summary>A reader of an exposition or a piece of it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="family">New at the beginning of the exposition.</param>
    /// <param name="options">What to make of it.</param>
    /// <param name="isLast">Is it the last piece?</param>
    public OpenMetricsReader(
        ReadOnlySpan<byte> text, OpenMetricsFamily family, ExpositionReadOptions options = default, bool isLast = true)
    {
        _lexer = new OpenMetricsLexer(text);
        _family = family;
        _options = options;
        _isLast = isLast;
        _takesExemplars = true;
    }

    /// <summary>What is wrong, after <see cref="ExpositionEntryKind.Error"/>.</summary>
    public ExpositionError? Error { get; private set; }

    /// <summary>The name of the metric or family as it stands in the text: with escapes, without quotes.</summary>
    public readonly ReadOnlySpan<byte> RawName => _lexer.Text[_family.Series[0].._family.Series[1]];

    /// <summary>The text of a help or unit line, with escapes.</summary>
    public readonly ReadOnlySpan<byte> RawText => _lexer.Text[_textStart.._textEnd];

    /// <summary>The type of the family that the last line of a type named.</summary>
    public readonly OpenMetricsType Type => _family.Type;

    /// <summary>The metric with its labels as it stands in the text.</summary>
    public readonly ReadOnlySpan<byte> RawSeries => _lexer.Text[_entryStart.._seriesEnd];

    /// <summary>The sample's value.</summary>
    public double Value { get; private set; }

    /// <summary>The sample's time; null when it has none.</summary>
    public long? TimestampMs { get; private set; }

    /// <summary>Has the sample an exemplar?</summary>
    public bool HasExemplar { get; private set; }

    /// <summary>The exemplar's value.</summary>
    public double ExemplarValue { get; private set; }

    /// <summary>The exemplar's time; null when it has none.</summary>
    public long? ExemplarTimestampMs { get; private set; }

    /// <summary>Bytes read so far; entries end there.</summary>
    public readonly int Position => _lexer.Position;

    /// <summary>The line of the entry, from 1. Counts lines: for messages.</summary>
    public readonly long Line => LineAt(_entryStart);

    /// <summary>Reads the next entry.</summary>
    public ExpositionEntryKind Read()
    {
        while (true)
        {
            Begin();
            var token = _lexer.Next();
            var kind = token switch
            {
                OpenMetricsToken.EofWord => End(),
                OpenMetricsToken.Eof => _isLast ? Fail(NoEnd) : ExpositionEntryKind.NeedsMore,
                OpenMetricsToken.Help or OpenMetricsToken.Type or OpenMetricsToken.Unit => ReadComment(token),
                OpenMetricsToken.BraceOpen or OpenMetricsToken.MetricName => ReadSeries(token),
                _ => Unexpected("expected a valid start token", token),
            };
            if (kind != ExpositionEntryKind.Series || !_options.SkipCreatedSeries || !IsCreated()) return kind;
        }
    }

    /// <summary>Ends a piece that was read to <see cref="ExpositionEntryKind.NeedsMore"/>.</summary>
    public readonly void EndPiece() => _family.LinesBefore = LineAt(_lexer.Text.Length) - 1;

    /// <summary>Writes the series' labels to a builder, which is cleared before.</summary>
    public readonly void CopyLabels(LabelsBuilder labels)
    {
        labels.Reset();
        Span<byte> scratch = stackalloc byte[512];
        var name = ExpositionEscapes.Remove(RawName, scratch);
        var unit = _family.Unit;
        var hasType = _options.TypeAndUnitLabels && _family.Type != OpenMetricsType.Unknown;
        var hasUnit = _options.TypeAndUnitLabels && unit.Length > 0;
        labels.Set(Labels.MetricNameUtf8, name);
        if (hasType) labels.Set("__type__"u8, OpenMetricsTypes.NameOf(_family.Type));
        if (hasUnit) labels.Set("__unit__"u8, unit);
        var offsets = _family.Series;
        for (var i = 2; i < offsets.Count; i += 4)
        {
            var label = ExpositionEscapes.Remove(_lexer.Text[offsets[i]..offsets[i + 1]], scratch);
            if (hasType && label.SequenceEqual("__type__"u8)) continue;
            if (hasUnit && label.SequenceEqual("__unit__"u8)) continue;
            var labelName = label.Length <= 64 ? label : label.ToArray();
            SetValue(labels, labelName, _lexer.Text[offsets[i + 2]..offsets[i + 3]]);
        }
    }

    /// <summary>Is a label there twice, or the name among the labels? Then they make no series.</summary>
    public readonly bool HasDuplicateLabels()
    {
        var offsets = _family.Series;
        for (var i = 2; i < offsets.Count; i += 4)
        {
            var name = _lexer.Text[offsets[i]..offsets[i + 1]];
            if (name.SequenceEqual(Labels.MetricNameUtf8)) return true;
            for (var k = 2; k < i; k += 4)
            {
                if (name.SequenceEqual(_lexer.Text[offsets[k]..offsets[k + 1]])) return true;
            }
        }

        return false;
    }

    /// <summary>Writes the exemplar's labels to a builder, which is cleared before.</summary>
    public readonly void CopyExemplarLabels(LabelsBuilder labels)
    {
        labels.Reset();
        var offsets = _family.Exemplar;
        // As in Prometheus escapes stay as they are.
        for (var i = 0; i < offsets.Count; i += 4)
        {
            labels.Set(
                _lexer.Text[offsets[i]..offsets[i + 1]], _lexer.Text[offsets[i + 2]..offsets[i + 3]]);
        }
    }

    /// <summary>
    /// When the counter, histogram or summary of the sample began, as the sample <c>_created</c> behind it says;
    /// 0: not known. Looks ahead in this piece of text.
    /// </summary>
    public readonly long FindStartTimestampMs()
    {
        if (!HasStart(_family.Type))
        {
            _family.StartedSeries = null;
            return 0;
        }

        var series = SeriesKey(_family.Series, FamilyOfSeries());
        if (_family.StartedSeries is { } known && known.AsSpan().SequenceEqual(series)) return _family.StartTimestampMs;

        _family.StartedSeries = null;
        var ahead = new OpenMetricsReader(_lexer.Text, new OpenMetricsFamily { Type = _family.Type }, default, _isLast)
        {
            _lexer = _lexer,
            _takesExemplars = false,
        };
        while (ahead.Read() == ExpositionEntryKind.Series)
        {
            if (!ahead.IsCreated()) continue;
            var family = ahead.RawName[..^"_created".Length];
            if (!ahead.SeriesKey(ahead._family.Series, family).AsSpan().SequenceEqual(series)) return 0;
            _family.StartedSeries = series;
            return _family.StartTimestampMs = (long)(ahead.Value * 1000);
        }

        return 0;
    }

    private static bool HasStart(OpenMetricsType type) =>
        type is OpenMetricsType.Counter or OpenMetricsType.Histogram or OpenMetricsType.Summary;

    // The family's name as the series has it, or all of its name when it is shorter.
    private readonly ReadOnlySpan<byte> FamilyOfSeries() =>
        RawName[..Math.Min(_family.NameLength, RawName.Length)];

    private readonly bool IsCreated() => HasStart(_family.Type) && RawName.EndsWith("_created"u8);

    // What a series and its _created line have in common.
    private readonly byte[] SeriesKey(List<int> offsets, ReadOnlySpan<byte> family)
    {
        var key = new ArrayBufferWriter<byte>();
        for (var i = 2; i < offsets.Count; i += 4)
        {
            var name = _lexer.Text[offsets[i]..offsets[i + 1]];
            if (_family.Type == OpenMetricsType.Summary && name.SequenceEqual("quantile"u8)) continue;
            if (_family.Type == OpenMetricsType.Histogram && name.SequenceEqual("le"u8)) continue;
            key.Write(name);
            key.Write(_lexer.Text[offsets[i + 2]..offsets[i + 3]]);
        }

        key.Write(family);
        return key.WrittenSpan.ToArray();
    }

    private readonly void SetValue(LabelsBuilder labels, ReadOnlySpan<byte> name, ReadOnlySpan<byte> raw)
    {
        Span<byte> scratch = stackalloc byte[512];
        var value = ExpositionEscapes.Remove(raw, scratch);
        var isNumber = (_family.Type == OpenMetricsType.Summary && name.SequenceEqual("quantile"u8)) ||
            (_family.Type == OpenMetricsType.Histogram && name.SequenceEqual("le"u8));
        if (!isNumber || ExpositionNumber.Read(value, out var number) is not null)
        {
            labels.Set(name, value);
            return;
        }

        Span<byte> text = stackalloc byte[GoFloat.MaxSizeBytes];
        var size = GoFloat.WriteGeneral(number, text);
        if (double.IsFinite(number) && text[..size].IndexOfAny((byte)'.', (byte)'e') < 0)
        {
            text[size++] = (byte)'.';
            text[size++] = (byte)'0';
        }

        labels.Set(name, text[..size]);
    }

    private void Begin()
    {
        _entryStart = _lexer.Position;
        _family.Series.Clear();
        HasExemplar = false;
        TimestampMs = null;
        ExemplarTimestampMs = null;
    }

    private ExpositionEntryKind End()
    {
        if (_lexer.Next() != OpenMetricsToken.Eof) return Fail("unexpected data after # EOF");
        return ExpositionEntryKind.End;
    }

    private ExpositionEntryKind ReadComment(OpenMetricsToken keyword)
    {
        var word = keyword.ToString().ToUpperInvariant();
        var token = _lexer.Next();
        if (token != OpenMetricsToken.MetricName) return Unexpected($"expected metric name after {word}", token);
        var isQuoted = _lexer.Token[0] == '"';
        _family.Series.Add(_lexer.Start + (isQuoted ? 1 : 0));
        _family.Series.Add(_lexer.Position - (isQuoted ? 1 : 0));
        _family.NameLength = RawName.Length;
        if (_lexer.Next() != OpenMetricsToken.Text) return Fail($"expected text in {word}");
        _textStart = _lexer.Start + 1;
        _textEnd = _lexer.Position - 1;
        return keyword switch
        {
            OpenMetricsToken.Type => ReadType(),
            OpenMetricsToken.Unit => ReadUnit(),
            _ => Utf8.IsValid(RawText)
                ? ExpositionEntryKind.Help
                : Fail($"help text {GoText.Quote(RawText)} is not a valid utf8 string"),
        };
    }

    private ExpositionEntryKind ReadType()
    {
        if (!OpenMetricsTypes.TryParse(RawText, out var type))
            return Fail($"invalid metric type {GoText.Quote(RawText)}");
        _family.Type = type;
        return ExpositionEntryKind.Type;
    }

    private ExpositionEntryKind ReadUnit()
    {
        _family.Unit = RawText.ToArray();
        var isSuffix = RawText.IsEmpty || (RawName.EndsWith(RawText) && RawName.Length > RawText.Length &&
            RawName[^(RawText.Length + 1)] == '_');
        return isSuffix
            ? ExpositionEntryKind.Unit
            : Fail($"unit {GoText.Quote(RawText)} not a suffix of metric {GoText.Quote(RawName)}");
    }

    private ExpositionEntryKind ReadSeries(OpenMetricsToken token)
    {
        var isNamed = token == OpenMetricsToken.MetricName;
        _family.Series.Add(isNamed ? _entryStart : -1);
        _family.Series.Add(isNamed ? _lexer.Position : -1);
        if (isNamed) token = _lexer.Next();
        _seriesEnd = _lexer.Start;
        if (token == OpenMetricsToken.BraceOpen)
        {
            if (!TryReadLabels(_family.Series, isExemplar: false)) return ExpositionEntryKind.Error;
            _seriesEnd = _lexer.Position;
            token = _lexer.Next();
        }
        else if (token == OpenMetricsToken.Eof)
        {
            _seriesEnd = _lexer.Position;
        }

        if (_family.Series[0] < 0) return Fail($"metric name not set{WhileParsing()}");
        if (!TryReadNumber(token, "metric", out var value)) return ExpositionEntryKind.Error;
        Value = value;
        return ReadEndOfSeries();
    }

    private ExpositionEntryKind ReadEndOfSeries()
    {
        var token = _lexer.Next();
        if (token == OpenMetricsToken.Timestamp)
        {
            if (!TryReadTime("invalid timestamp", out var timestampMs)) return ExpositionEntryKind.Error;
            TimestampMs = timestampMs;
            token = _lexer.Next();
            if (token is not (OpenMetricsToken.Linebreak or OpenMetricsToken.ExemplarStart))
                return Unexpected("expected next entry after timestamp", token);
        }

        return token switch
        {
            OpenMetricsToken.Eof => Fail(NoEnd),
            OpenMetricsToken.ExemplarStart => ReadExemplar(),
            OpenMetricsToken.Linebreak => ExpositionEntryKind.Series,
            _ => Unexpected("expected timestamp or comment", token),
        };
    }

    private ExpositionEntryKind ReadExemplar()
    {
        _family.Exemplar.Clear();
        if (!TryReadLabels(_family.Exemplar, isExemplar: true)) return ExpositionEntryKind.Error;
        if (!TryReadNumber(_lexer.Next(), "exemplar labels", out var value)) return ExpositionEntryKind.Error;
        ExemplarValue = value;
        var token = _lexer.Next();
        if (token == OpenMetricsToken.Eof) return Fail(NoEnd);
        if (token == OpenMetricsToken.Timestamp)
        {
            if (!TryReadTime("invalid exemplar timestamp", out var timestampMs)) return ExpositionEntryKind.Error;
            ExemplarTimestampMs = timestampMs;
            token = _lexer.Next();
            if (token != OpenMetricsToken.Linebreak)
                return Unexpected("expected next entry after exemplar timestamp", token);
        }

        if (token != OpenMetricsToken.Linebreak) return Unexpected("expected timestamp or comment", token);
        HasExemplar = _takesExemplars;
        return ExpositionEntryKind.Series;
    }

    private bool TryReadLabels(List<int> offsets, bool isExemplar)
    {
        var token = _lexer.Next();
        while (token != OpenMetricsToken.BraceClose)
        {
            var (start, end) = (_lexer.Start, _lexer.Position);
            var isQuoted = token == OpenMetricsToken.QuotedString;
            if (!isQuoted && token != OpenMetricsToken.LabelName)
                return Unexpected("expected label name", token) != ExpositionEntryKind.Error;
            token = _lexer.Next();
            // Quoted text alone is the metric's name.
            if (isQuoted && token is OpenMetricsToken.Comma or OpenMetricsToken.BraceClose)
            {
                if (isExemplar) return Unexpected("expected label name", token) != ExpositionEntryKind.Error;
                if (offsets[0] >= 0)
                    return Fail($"metric name already set{WhileParsing()}") != ExpositionEntryKind.Error;
                offsets[0] = start + 1;
                offsets[1] = end - 1;
                if (token == OpenMetricsToken.Comma) token = _lexer.Next();
                continue;
            }

            offsets.Add(isQuoted ? start + 1 : start);
            offsets.Add(isQuoted ? end - 1 : end);
            if (token != OpenMetricsToken.Equal)
                return Unexpected("expected equal", token) != ExpositionEntryKind.Error;
            if (!TryReadLabelValue(offsets)) return false;
            token = _lexer.Next();
            if (token == OpenMetricsToken.Comma) token = _lexer.Next();
            else if (token != OpenMetricsToken.BraceClose)
                return Unexpected("expected comma or brace close", token) != ExpositionEntryKind.Error;
        }

        return true;
    }

    private bool TryReadLabelValue(List<int> offsets)
    {
        var token = _lexer.Next();
        if (token != OpenMetricsToken.LabelValue)
            return Unexpected("expected label value", token) != ExpositionEntryKind.Error;
        if (!Utf8.IsValid(_lexer.Token))
            return Fail($"invalid UTF-8 label value: {GoText.Quote(_lexer.Token)}") != ExpositionEntryKind.Error;
        offsets.Add(_lexer.Start + 1);
        offsets.Add(_lexer.Position - 1);
        return true;
    }

    private bool TryReadNumber(OpenMetricsToken token, string before, out double number)
    {
        number = 0;
        if (token != OpenMetricsToken.Value)
            return Unexpected($"expected value after {before}", token) != ExpositionEntryKind.Error;
        if (ExpositionNumber.Read(_lexer.Token[1..], out number) is not { } problem) return true;
        return Fail(problem + WhileParsing()) != ExpositionEntryKind.Error;
    }

    private bool TryReadTime(string ifInvalid, out long timestampMs)
    {
        timestampMs = 0;
        if (ExpositionNumber.Read(_lexer.Token[1..], out var seconds) is { } problem)
            return Fail(problem + WhileParsing()) != ExpositionEntryKind.Error;
        if (!double.IsFinite(seconds))
            return Fail($"{ifInvalid} {GoFloat.FormatPlain(seconds)}") != ExpositionEntryKind.Error;
        timestampMs = (long)(seconds * 1000);
        return true;
    }

    private ExpositionEntryKind Unexpected(string expected, OpenMetricsToken token)
    {
        var end = Math.Min(_lexer.Text.Length, _lexer.Position + 1);
        var got = GoText.Quote(_lexer.Text[_lexer.Start..end]);
        var all = GoText.Quote(_lexer.Text[_entryStart..end]);
        return Fail($"{expected}, got {got} (\"{OpenMetricsTokens.NameOf(token)}\") while parsing: {all}");
    }

    private readonly string WhileParsing() =>
        $" while parsing: {GoText.Quote(_lexer.Text[_entryStart.._lexer.Position])}";

    private ExpositionEntryKind Fail(string message)
    {
        var at = Math.Min(_lexer.Start, _lexer.Text.Length);
        var column = at - (_lexer.Text[..at].LastIndexOf((byte)'\n') + 1) + 1;
        Error = new ExpositionError(message, LineAt(at), column);
        return ExpositionEntryKind.Error;
    }

    private readonly long LineAt(int position) =>
        _family.LinesBefore + _lexer.Text[..position].Count((byte)'\n') + 1;
}

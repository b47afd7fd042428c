using System.Text;
using System.Text.Unicode;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Remote;

/// <summary>
/// Decodes, checks and sorts the label fields of a series or an exemplar that the storage has not seen yet. Work is
/// n log n in the number of labels: a hostile series may have millions. Reused; one thread at a time.
/// </summary>
internal sealed class LabelSetParser : IComparer<LabelSetParser.Pair>
{
    private const int KeptBytes = 1 << 20;
    private const int KeptPairs = 1 << 12;

    private readonly List<Pair> _pairs = [];
    private byte[] _bytes = [];
    private int _length;

    /// <summary>Reads field 1 of the fields in <paramref name="fields"/> as labels and skips the others.</summary>
    /// <param name="fields">Fields of a TimeSeries or an Exemplar; copied.</param>
    /// <param name="errorOffset">Where they are malformed.</param>
    /// <returns>
    /// <see langword="false"/> if they are malformed. Whether the labels make sense is asked with <see cref="Check"/>.
    /// </returns>
    public bool TryParse(ReadOnlySpan<byte> fields, out int errorOffset)
    {
        Reset(fields);
        var reader = new ProtoReader(fields);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field != 1)
            {
                reader.TrySkip(field, wireType);
            }
            else if (reader.TryReadBytes(wireType, out var label))
            {
                var offset = reader.Position - label.Length;
                if (!TryReadLabel(label, offset, out var pair))
                {
                    errorOffset = offset;
                    return false;
                }

                _pairs.Add(pair);
            }
        }

        errorOffset = reader.Position;
        return !reader.IsMalformed;
    }

    /// <summary>Whether the labels make a series.</summary>
    /// <param name="needsMetricName">Must there be a <c>__name__</c>?</param>
    /// <returns>What is wrong with them, or <see cref="AppendResult.Stored"/> when nothing is.</returns>
    public AppendResult Check(bool needsMetricName)
    {
        var hasMetricName = false;
        foreach (var pair in _pairs)
        {
            var name = Name(pair);
            var value = Value(pair);
            if (name.IsEmpty)
                return AppendResult.EmptyLabelName;
            if (name.Length > Labels.MaxPartSizeBytes || value.Length > Labels.MaxPartSizeBytes)
                return AppendResult.LabelTooLong;
            if (!Utf8.IsValid(name) || !Utf8.IsValid(value))
                return AppendResult.InvalidUtf8;
            hasMetricName |= !value.IsEmpty && name.SequenceEqual(Labels.MetricNameUtf8);
        }

        if (needsMetricName && !hasMetricName)
            return AppendResult.MissingMetricName;
        return SortFindsDuplicate() ? AppendResult.DuplicateLabelName : AppendResult.Stored;
    }

    /// <summary>The labels that have a value. Only after <see cref="Check"/> found nothing.</summary>
    public Labels ToLabels()
    {
        var size = 0;
        foreach (var pair in _pairs)
        {
            if (pair.ValueLength > 0)
                size += LabelsEncoding.SizeOf(pair.NameLength) + LabelsEncoding.SizeOf(pair.ValueLength);
        }

        if (size == 0)
            return Labels.Empty;
        var encoded = new byte[size];
        var position = 0;
        foreach (var pair in _pairs)
        {
            if (pair.ValueLength == 0)
                continue;
            LabelsEncoding.Write(Name(pair), encoded, ref position);
            LabelsEncoding.Write(Value(pair), encoded, ref position);
        }

        return Labels.FromEncoded(encoded);
    }

    /// <summary>The labels as they came, as Prometheus prints labels; cut where it gets long.</summary>
    /// <param name="maxLength">Where the text is cut, in characters.</param>
    public string Describe(int maxLength)
    {
        var text = new StringBuilder("{");
        foreach (var pair in _pairs)
        {
            if (text.Length > maxLength)
                break;
            if (text.Length > 1)
                text.Append(", ");
            // Four characters at most come of one byte: the rest would be cut off anyway.
            var name = Name(pair)[..Math.Min(pair.NameLength, maxLength)];
            var value = Value(pair)[..Math.Min(pair.ValueLength, maxLength)];
            text.Append(LabelNames.IsLegacyValid(name) ? Encoding.ASCII.GetString(name) : GoText.Quote(name));
            text.Append('=').Append(GoText.Quote(value));
        }

        return RejectText.Cut(text.Append('}').ToString(), maxLength);
    }

    /// <inheritdoc/>
    int IComparer<Pair>.Compare(Pair x, Pair y) => Name(x).SequenceCompareTo(Name(y));

    private void Reset(ReadOnlySpan<byte> fields)
    {
        _pairs.Clear();
        if (_pairs.Capacity > KeptPairs)
            _pairs.Capacity = 0;
        if (_bytes.Length < fields.Length || (_bytes.Length > KeptBytes && fields.Length <= KeptBytes))
            _bytes = new byte[Math.Max(fields.Length, 1024)];
        fields.CopyTo(_bytes);
        _length = fields.Length;
    }

    private static bool TryReadLabel(ReadOnlySpan<byte> label, int offset, out Pair pair)
    {
        pair = default;
        var reader = new ProtoReader(label);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field == 1 && reader.TryReadBytes(wireType, out var name))
                pair = pair with { NameOffset = offset + reader.Position - name.Length, NameLength = name.Length };
            else if (field == 2 && reader.TryReadBytes(wireType, out var value))
                pair = pair with { ValueOffset = offset + reader.Position - value.Length, ValueLength = value.Length };
            else if (field > 2)
                reader.TrySkip(field, wireType);
        }

        return !reader.IsMalformed;
    }

    private bool SortFindsDuplicate()
    {
        for (var i = 1; i < _pairs.Count; i++)
        {
            if (Name(_pairs[i - 1]).SequenceCompareTo(Name(_pairs[i])) < 0)
                continue;
            _pairs.Sort(this);
            break;
        }

        for (var i = 1; i < _pairs.Count; i++)
        {
            if (Name(_pairs[i - 1]).SequenceEqual(Name(_pairs[i])))
                return true;
        }

        return false;
    }

    private ReadOnlySpan<byte> Name(Pair pair) => _bytes.AsSpan(0, _length).Slice(pair.NameOffset, pair.NameLength);

    private ReadOnlySpan<byte> Value(Pair pair) => _bytes.AsSpan(0, _length).Slice(pair.ValueOffset, pair.ValueLength);

    /// <summary>Where a label lies in the copied fields.</summary>
    internal readonly record struct Pair(int NameOffset, int NameLength, int ValueOffset, int ValueLength);
}

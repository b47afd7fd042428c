// Hot path: label sets are compared, hashed and walked per series of every query.
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PromHost.Model;

/// <summary>
/// An immutable set of labels, sorted by name, held as one block of UTF-8 bytes. The default value is the empty set.
/// </summary>
/// <remarks>
/// <para>
/// The bytes are, per label, <c>size(name) name size(value) value</c>. A size below 255 is one byte; a larger one is
/// the byte 255 and three bytes, low byte first. It is the encoding that Prometheus hashes (its "stringlabels" build),
/// so that <see cref="StableHash"/> agrees with its hash of the same labels.
/// </para>
/// <para>Invariant: names are strictly ascending by their bytes and no value is empty.</para>
/// </remarks>
public readonly struct Labels : IEquatable<Labels>, IComparable<Labels>
{
    /// <summary>Name of the label that holds the metric's name.</summary>
    public const string MetricName = "__name__";

    /// <summary>The longest name or value that the encoding can hold, in bytes.</summary>
    public const int MaxPartSizeBytes = (1 << 24) - 1;

    private readonly byte[]? _encoded;

    private Labels(byte[] encoded) => _encoded = encoded;

    /// <summary>The set without labels.</summary>
    public static Labels Empty => default;

    /// <summary>Name of the metric-name label as bytes.</summary>
    public static ReadOnlySpan<byte> MetricNameUtf8 => "__name__"u8;

    /// <summary>Is this the empty set?</summary>
    public bool IsEmpty => _encoded is not { Length: > 0 };

    /// <summary>The labels in the encoding described above; lives as long as this value.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>The number of labels. Walks the set.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var _ in this) count++;
            return count;
        }
    }

    /// <summary>The value of the label <c>__name__</c>, empty when there is none.</summary>
    public ReadOnlySpan<byte> MetricNameValue => Get(MetricNameUtf8);

    /// <summary>Wraps bytes that already are in the encoding.</summary>
    /// <param name="encoded">Sorted, without duplicates and empty values; the value takes ownership.</param>
    public static Labels FromEncoded(byte[] encoded) => new(encoded);

    /// <summary>Builds a set from name and value pairs in any order; pairs with an empty value are left out.</summary>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public static Labels FromPairs(params ReadOnlySpan<(string Name, string Value)> pairs)
    {
        var builder = new LabelsBuilder();
        foreach (var (name, value) in pairs)
        {
            if (builder.Contains(Encoding.UTF8.GetBytes(name)))
                throw new ArgumentException($"label name \"{name}\" is not unique", nameof(pairs));
            builder.Set(name, value);
        }

        return builder.ToLabels();
    }

    /// <summary>The value of a label, or an empty span when the set lacks it.</summary>
    public ReadOnlySpan<byte> Get(ReadOnlySpan<byte> name)
    {
        foreach (var label in this)
        {
            var order = label.Name.SequenceCompareTo(name);
            if (order == 0) return label.Value;
            if (order > 0) break;
        }

        return default;
    }

    /// <summary>The value of a label as a string, or null when the set lacks it.</summary>
    public string? GetString(string name)
    {
        var value = Get(Encoding.UTF8.GetBytes(name));
        return value.IsEmpty ? null : Encoding.UTF8.GetString(value);
    }

    /// <summary>Does the set have the label?</summary>
    public bool Has(ReadOnlySpan<byte> name) => !Get(name).IsEmpty;

    /// <summary>The labels whose names are in <paramref name="names"/>.</summary>
    public Labels Keep(LabelNameSet names) => Filter(names, keep: true);

    /// <summary>The labels whose names are not in <paramref name="names"/>.</summary>
    public Labels Drop(LabelNameSet names) => Filter(names, keep: false);

    /// <summary>The labels but the metric's name.</summary>
    public Labels DropMetricName() => Has(MetricNameUtf8) ? Drop(LabelNameSet.MetricNameOnly) : this;

    /// <summary>
    /// Writes the kept or the dropped-down set to <paramref name="destination"/> in the encoding, without allocating.
    /// </summary>
    /// <param name="names">The names to keep or to drop.</param>
    /// <param name="keep">True keeps the names, false drops them.</param>
    /// <param name="destination">At least as long as <see cref="Encoded"/>.</param>
    /// <returns>The number of bytes written.</returns>
    public int WriteFiltered(LabelNameSet names, bool keep, Span<byte> destination)
    {
        var written = 0;
        foreach (var label in this)
        {
            if (names.Contains(label.Name) != keep) continue;
            label.Encoded.CopyTo(destination[written..]);
            written += label.Encoded.Length;
        }

        return written;
    }

    /// <summary>XXH64 (seed 0) of the encoding: Prometheus's hash of the same labels; stable.</summary>
    public ulong StableHash() => XxHash64.Hash(Encoded, 0);

    /// <summary>Walks the labels in the order of their names.</summary>
    public LabelsEnumerator GetEnumerator() => new(Encoded);

    /// <inheritdoc/>
    public bool Equals(Labels other) =>
        ReferenceEquals(_encoded, other._encoded) || Encoded.SequenceEqual(other.Encoded);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Labels other && Equals(other);

    /// <summary>A hash seeded per process; not to be stored.</summary>
    public override int GetHashCode() => LabelsComparer.HashOf(Encoded);

    /// <summary>Orders label by label, by name, then by value, bytewise; the shorter set first.</summary>
    public int CompareTo(Labels other)
    {
        var left = GetEnumerator();
        var right = other.GetEnumerator();
        while (true)
        {
            var hasLeft = left.MoveNext();
            var hasRight = right.MoveNext();
            if (!hasLeft || !hasRight) return hasLeft.CompareTo(hasRight);
            var order = left.Current.Name.SequenceCompareTo(right.Current.Name);
            if (order == 0) order = left.Current.Value.SequenceCompareTo(right.Current.Value);
            if (order != 0) return order;
        }
    }

    /// <summary>The labels as Prometheus prints them in messages: <c>{__name__="up", job="a"}</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        foreach (var label in this)
        {
            if (text.Length > 1) text.Append(", ");
            var name = Encoding.UTF8.GetString(label.Name);
            text.Append(LabelNames.IsLegacyValid(label.Name) ? name : GoText.Quote(label.Name));
            text.Append('=').Append(GoText.Quote(label.Value));
        }

        return text.Append('}').ToString();
    }

    /// <summary>Equality of sets.</summary>
    public static bool operator ==(Labels left, Labels right) => left.Equals(right);

    /// <summary>Inequality of sets.</summary>
    public static bool operator !=(Labels left, Labels right) => !left.Equals(right);

    private Labels Filter(LabelNameSet names, bool keep)
    {
        var size = 0;
        foreach (var label in this)
        {
            if (names.Contains(label.Name) == keep) size += label.Encoded.Length;
        }

        if (size == Encoded.Length) return this;
        if (size == 0) return default;
        var filtered = new byte[size];
        WriteFiltered(names, keep, filtered);
        return new Labels(filtered);
    }
}

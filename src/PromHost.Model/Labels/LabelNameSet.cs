using System.Text;

namespace PromHost.Model;

/// <summary>A set of label names, as in <c>by (a, b)</c> or <c>ignoring (a)</c>. Immutable.</summary>
public sealed class LabelNameSet
{
    private readonly byte[][] _names;

    /// <summary>Makes the set; the order of the names and repetitions do not matter.</summary>
    public LabelNameSet(params IEnumerable<string> names)
    {
        _names = [.. names.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];
        Array.Sort(_names, (a, b) => a.AsSpan().SequenceCompareTo(b));
    }

    /// <summary>The set that holds only <c>__name__</c>.</summary>
    public static LabelNameSet MetricNameOnly { get; } = new(Labels.MetricName);

    /// <summary>The number of names.</summary>
    public int Count => _names.Length;

    /// <summary>The names, ascending by their bytes.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Names => _names.Select(name => (ReadOnlyMemory<byte>)name);

    /// <summary>Is the name in the set?</summary>
    public bool Contains(ReadOnlySpan<byte> name)
    {
        // Sets are a handful of names: a walk beats hashing.
        foreach (var candidate in _names)
        {
            if (name.SequenceEqual(candidate)) return true;
        }

        return false;
    }

    /// <summary>This set and one more name.</summary>
    public LabelNameSet With(string name) => new([.. _names.Select(Encoding.UTF8.GetString), name]);
}

using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Numbers label sets from 0 in the order in which they are first seen.</summary>
internal sealed class LabelsIndex
{
    private readonly Dictionary<Labels, int> _numbers = new(LabelsComparer.Instance);
    private readonly Dictionary<Labels, int>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly List<Labels> _sets = [];
    private byte[] _buffer = new byte[512];

    public LabelsIndex() => _byBytes = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The sets by number.</summary>
    public IReadOnlyList<Labels> Sets => _sets;

    /// <summary>The number of a set.</summary>
    public int Intern(Labels labels)
    {
        if (_numbers.TryGetValue(labels, out var number)) return number;
        _numbers.Add(labels, _sets.Count);
        _sets.Add(labels);
        return _sets.Count - 1;
    }

    /// <summary>The number of what remains of a set when names are kept or dropped.</summary>
    public int Intern(Labels labels, LabelNameSet names, bool keep)
    {
        if (keep && names.Count == 0) return Intern(Labels.Empty);
        if (_buffer.Length < labels.Encoded.Length) _buffer = new byte[labels.Encoded.Length * 2];
        var size = labels.WriteFiltered(names, keep, _buffer);
        if (size == labels.Encoded.Length) return Intern(labels);
        var bytes = _buffer.AsSpan(0, size);
        return _byBytes.TryGetValue(bytes, out var number) ? number : Intern(Labels.FromEncoded(bytes.ToArray()));
    }
}

// Hot path.
namespace PromHost.Model;

/// <summary>Walks the labels of a <see cref="Labels"/> without allocating.</summary>
public ref struct LabelsEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal LabelsEnumerator(ReadOnlySpan<byte> encoded)
    {
        _rest = encoded;
        Current = default;
    }

    /// <summary>The label that the walk stands on.</summary>
    public LabelSpan Current { get; private set; }

    /// <summary>Goes to the next label; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        var start = _rest;
        var position = 0;
        var name = LabelsEncoding.Read(start, ref position);
        var value = LabelsEncoding.Read(start, ref position);
        Current = new LabelSpan(name, value, start[..position]);
        _rest = start[position..];
        return true;
    }
}

// Hot path.
using System.Runtime.CompilerServices;

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
        var name = ReadPart(start, ref position);
        var value = ReadPart(start, ref position);
        Current = new LabelSpan(name, value, start[..position]);
        _rest = start[position..];
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> ReadPart(ReadOnlySpan<byte> source, scoped ref int position)
    {
        int size = source[position++];
        if (size == 255)
        {
            size = source[position] | (source[position + 1] << 8) | (source[position + 2] << 16);
            position += 3;
        }

        var part = source.Slice(position, size);
        position += size;
        return part;
    }
}

using System.Text;

namespace PromHost.Model;

/// <summary>
/// Builds label sets: starts from nothing or from a set, sets and deletes labels, sorts at the end. Reusable; not
/// thread-safe.
/// </summary>
public sealed class LabelsBuilder
{
    private readonly List<Entry> _entries = [];
    private byte[] _bytes = new byte[256];
    private int _used;

    /// <summary>The number of labels with a value.</summary>
    public int Count => _entries.Count;

    /// <summary>Starts again from nothing.</summary>
    public LabelsBuilder Reset()
    {
        _entries.Clear();
        _used = 0;
        return this;
    }

    /// <summary>Starts again from a set.</summary>
    public LabelsBuilder Reset(Labels labels)
    {
        Reset();
        foreach (var label in labels) _entries.Add(new Entry(Store(label.Name), Store(label.Value)));
        return this;
    }

    /// <summary>Sets a label; an empty value deletes it.</summary>
    /// <exception cref="ArgumentException">Name or value exceeds <see cref="Labels.MaxPartSizeBytes"/>.</exception>
    public LabelsBuilder Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length > Labels.MaxPartSizeBytes || value.Length > Labels.MaxPartSizeBytes)
            throw new ArgumentException($"a label name or value exceeds {Labels.MaxPartSizeBytes} bytes");
        var index = IndexOf(name);
        if (value.IsEmpty)
        {
            if (index >= 0) _entries.RemoveAt(index);
            return this;
        }

        if (index >= 0) _entries[index] = _entries[index] with { Value = Store(value) };
        else _entries.Add(new Entry(Store(name), Store(value)));
        return this;
    }

    /// <summary>Sets a label; an empty value deletes it.</summary>
    public LabelsBuilder Set(string name, string value) =>
        Set(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    /// <summary>Deletes a label if it is there.</summary>
    public LabelsBuilder Delete(ReadOnlySpan<byte> name) => Set(name, default);

    /// <summary>Is the label there?</summary>
    public bool Contains(ReadOnlySpan<byte> name) => IndexOf(name) >= 0;

    /// <summary>The value of a label, empty when it is not there; valid until the next change.</summary>
    public ReadOnlySpan<byte> Get(ReadOnlySpan<byte> name)
    {
        var index = IndexOf(name);
        return index < 0 ? default : Bytes(_entries[index].Value);
    }

    /// <summary>The set as built so far.</summary>
    public Labels ToLabels()
    {
        if (_entries.Count == 0) return Labels.Empty;
        _entries.Sort((a, b) => Bytes(a.Name).SequenceCompareTo(Bytes(b.Name)));
        var size = 0;
        foreach (var entry in _entries)
            size += LabelsEncoding.SizeOf(entry.Name.Length) + LabelsEncoding.SizeOf(entry.Value.Length);
        var encoded = new byte[size];
        var position = 0;
        foreach (var entry in _entries)
        {
            LabelsEncoding.Write(Bytes(entry.Name), encoded, ref position);
            LabelsEncoding.Write(Bytes(entry.Value), encoded, ref position);
        }

        return Labels.FromEncoded(encoded);
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (Bytes(_entries[i].Name).SequenceEqual(name)) return i;
        }

        return -1;
    }

    private ReadOnlySpan<byte> Bytes(Part part) => _bytes.AsSpan(part.Offset, part.Length);

    private Part Store(ReadOnlySpan<byte> part)
    {
        if (_bytes.Length - _used < part.Length)
        {
            // The source may be a view into the old array, which stays alive until it is copied below.
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + part.Length));
        }

        part.CopyTo(_bytes.AsSpan(_used));
        var stored = new Part(_used, part.Length);
        _used += part.Length;
        return stored;
    }

    private readonly record struct Part(int Offset, int Length);

    private readonly record struct Entry(Part Name, Part Value);
}

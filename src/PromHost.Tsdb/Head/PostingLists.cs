// Hot path: queries read every list they select; creating a series adds to one per label.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// The ascending lists of ordinals of a <see cref="LabelIndex"/>, outside the garbage collector's heap: they grow to
/// megabytes, are copied as they grow, and go in a crowd. One thread at a time changes them; any thread inside an epoch
/// reads. A list is <c>count (4) | capacity (4) | ordinals (4 each)</c>; when it is full another takes its place.
/// </summary>
internal sealed class PostingLists
{
    private const int Capacity = 1;
    private const int Header = 2;

    // What was replaced is retired in portions of this size at least: as many lists, or as many bytes.
    private const int RetiredLists = 1024;
    private const int RetiredBytes = 1 << 18;

    private readonly ByteSlabs _bytes = new();
    private readonly List<ulong> _replaced = [];
    private long _replacedBytes;
    private bool _isRetireDue;

    /// <summary>Bytes of all lists.</summary>
    public long SizeBytes => _bytes.SizeBytes;

    /// <summary>Is there enough for <see cref="TakeReplaced"/>? Any thread's.</summary>
    public bool IsRetireDue => Volatile.Read(ref _isRetireDue);

    /// <summary>The ordinals of a list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<int> Read(ulong handle)
    {
        var list = At(handle);
        return list.Slice(Header, Volatile.Read(ref list[0]));
    }

    /// <summary>Makes an empty list.</summary>
    /// <param name="capacity">The ordinals it has room for, at least.</param>
    public ulong Create(int capacity)
    {
        var bytes = SlabClasses.RoomFor(checked((capacity + Header) * sizeof(int)));
        var handle = _bytes.Add(bytes, out var room);
        MemoryMarshal.Cast<byte, int>(room)[Capacity] = (bytes / sizeof(int)) - Header;
        return handle;
    }

    /// <summary>Adds an ordinal above all others.</summary>
    /// <returns>False when the list is full.</returns>
    public bool TryAdd(ulong handle, int ordinal)
    {
        var list = At(handle);
        var count = list[0];
        if (count == list[Capacity]) return false;
        list[Header + count] = ordinal;
        Volatile.Write(ref list[0], count + 1);
        return true;
    }

    /// <summary>Adds ordinals above all others, for which there is room.</summary>
    public void AddRange(ulong handle, ReadOnlySpan<int> ordinals)
    {
        var list = At(handle);
        var count = list[0];
        ordinals.CopyTo(list.Slice(Header + count, list[Capacity] - count));
        Volatile.Write(ref list[0], count + ordinals.Length);
    }

    /// <summary>Notes that a list is out of sight; it goes with <see cref="TakeReplaced"/>.</summary>
    public void Replaced(ulong handle)
    {
        _replaced.Add(handle);
        _replacedBytes += (At(handle)[Capacity] + Header) * sizeof(int);
        if (_replaced.Count >= RetiredLists || _replacedBytes >= RetiredBytes) Volatile.Write(ref _isRetireDue, true);
    }

    /// <summary>The lists that are out of sight, to be freed when nobody reads them any more.</summary>
    public ulong[] TakeReplaced()
    {
        ulong[] replaced = [.. _replaced];
        _replaced.Clear();
        _replacedBytes = 0;
        Volatile.Write(ref _isRetireDue, false);
        return replaced;
    }

    /// <summary>Frees a list that nobody reads any more.</summary>
    public void Free(ulong handle) => _bytes.Free(handle);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<int> At(ulong handle) => MemoryMarshal.Cast<byte, int>(_bytes.From(handle));
}

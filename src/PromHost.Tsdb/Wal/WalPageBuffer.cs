// Hot path: every logged byte passes here once.
using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Lays records out as fragments in pages and keeps them until they are written. One thread at a time.
/// <code>
/// fragment: type and compression u8 | length u16 | CRC-32C of the data u32 | data
/// </code>
/// </summary>
/// <remarks>
/// A fragment never crosses the border of a 32 KiB page; where fewer than seven bytes are left the page ends in zeros.
/// </remarks>
internal sealed class WalPageBuffer
{
    private const int InitialBytes = 256 * 1024;
    private const int KeptBytes = 8 * 1024 * 1024;

    private byte[] _bytes = new byte[InitialBytes];
    private int _length;
    private long _start;

    /// <summary>What is to be written at <see cref="StartBytes"/>; valid until the next change.</summary>
    public ReadOnlySpan<byte> Pending => _bytes.AsSpan(0, _length);

    /// <summary>The file offset of the first pending byte.</summary>
    public long StartBytes => _start;

    /// <summary>The file offset behind the last pending byte.</summary>
    public long EndBytes => _start + _length;

    /// <summary>Bytes of the buffer.</summary>
    public int CapacityBytes => _bytes.Length;

    private int PageRoom => WalFormat.PageBytes - (int)(EndBytes & (WalFormat.PageBytes - 1));

    /// <summary>Forgets all pending bytes and continues at an offset of a file.</summary>
    public void Reset(long startBytes)
    {
        _start = startBytes;
        _length = 0;
        if (_bytes.Length > KeptBytes)
            _bytes = new byte[InitialBytes];
    }

    /// <summary>Adds a record.</summary>
    /// <param name="stored">The bytes as they are to stand in the log; may be empty.</param>
    /// <param name="flags">Their compression: none, or a flag of <see cref="WalFormat"/>.</param>
    public void Add(ReadOnlySpan<byte> stored, byte flags)
    {
        Reserve(stored.Length);
        var isFirst = true;
        do
        {
            var count = Math.Min(stored.Length, PageRoom - WalFormat.HeaderBytes);
            var isLast = count == stored.Length;
            AddFragment(FragmentType(isFirst, isLast) | flags, stored[..count]);
            if (PageRoom < WalFormat.HeaderBytes)
                EndPage();
            stored = stored[count..];
            isFirst = false;
        }
        while (stored.Length > 0);
    }

    /// <summary>Fills a page begun with zeros to its end.</summary>
    public void EndPage()
    {
        var room = PageRoom;
        if (room == WalFormat.PageBytes)
            return;
        Reserve(room);
        _bytes.AsSpan(_length, room).Clear();
        _length += room;
    }

    private static int FragmentType(bool isFirst, bool isLast) => (isFirst, isLast) switch
    {
        (true, true) => WalFormat.Full,
        (true, false) => WalFormat.First,
        (false, false) => WalFormat.Middle,
        (false, true) => WalFormat.Last,
    };

    private void AddFragment(int type, ReadOnlySpan<byte> data)
    {
        var target = _bytes.AsSpan(_length, WalFormat.HeaderBytes + data.Length);
        target[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(target[1..], (ushort)data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(target[3..], Crc32C.Compute(data));
        data.CopyTo(target[WalFormat.HeaderBytes..]);
        _length += target.Length;
    }

    private void Reserve(int recordBytes)
    {
        var fragments = (recordBytes / (WalFormat.PageBytes - WalFormat.HeaderBytes)) + 2;
        var needed = checked(_length + recordBytes + (fragments * 2 * WalFormat.HeaderBytes));
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, 2 * _bytes.Length));
    }
}

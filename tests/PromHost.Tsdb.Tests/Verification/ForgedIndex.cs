using System.Buffers.Binary;
using System.Text;
using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

/// <summary>An index with changes whose checksums are right.</summary>
internal sealed class ForgedIndex(byte[] bytes)
{
    public byte[] Bytes => bytes;

    /// <summary>Changes the list of a label pair.</summary>
    public void ChangePostings(string name, string value, Action<uint[]> change)
    {
        var (_, offset) = FindEntry(name, value);
        var list = Section(offset);
        var refs = Postings(name, value);
        change(refs);
        for (var i = 0; i < refs.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(list[(4 * (i + 1))..], refs[i]);
        Seal(offset);
    }

    /// <summary>The list of a label pair.</summary>
    public uint[] Postings(string name, string value)
    {
        var list = Section(FindEntry(name, value).Postings);
        var refs = new uint[(list.Length / 4) - 1];
        for (var i = 0; i < refs.Length; i++) refs[i] = BinaryPrimitives.ReadUInt32BigEndian(list[(4 * (i + 1))..]);
        return refs;
    }

    /// <summary>Gives an entry of the table of postings another value of the same length.</summary>
    public void ChangeNameOfEntry(string name, string value, string other)
    {
        var (entry, _) = FindEntry(name, value);
        Encoding.UTF8.GetBytes(other).CopyTo(bytes.AsSpan(entry + 2 + name.Length + 1));
        Seal(TableStart);
    }

    private int TableStart => (int)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(bytes.Length - 12));

    private Span<byte> Section(int offset) =>
        bytes.AsSpan(offset + 4, (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(offset)));

    private void Seal(int offset)
    {
        var content = Section(offset);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(offset + 4 + content.Length), Crc32C.Compute(content));
    }

    private (int Entry, int Postings) FindEntry(string name, string value)
    {
        var table = Section(TableStart);
        var reader = new ByteReader(table[4..]);
        while (true)
        {
            var entry = TableStart + 8 + reader.Position;
            var isRead = reader.TryReadByte(out _) & reader.TryReadUvarintBytes(out var entryName) &
                reader.TryReadUvarintBytes(out var entryValue) & reader.TryReadUvarint(out var offset);
            isRead.Should().BeTrue();
            if (entryName.SequenceEqual(Encoding.UTF8.GetBytes(name)) &&
                entryValue.SequenceEqual(Encoding.UTF8.GetBytes(value)))
                return (entry, (int)offset);
        }
    }
}

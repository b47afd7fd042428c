using System.Buffers.Binary;
using System.Text;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Writes blocks as the format allows them and no writer of ours does: chunks of a series in any order, under any
/// times.
/// </summary>
internal static class ForeignBlock
{
    /// <summary>Writes a block.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="range">What its description says of its time; the end is exclusive.</param>
    /// <param name="series">Per series, ascending by labels, its chunks as the index is to list them.</param>
    /// <returns>Its name.</returns>
    public static string Write(
        IDataDirectory directory, TimeInterval range, params (Labels Labels, EncodedChunk[] Chunks)[] series)
    {
        var id = Ulid.Create(TimeProvider.System, Random.Shared);
        var name = id.ToString();
        directory.CreateDirectory(name);
        var listed = new List<(Labels Labels, byte[] Chunks)>();
        long samples = 0;
        using (var writer = new ChunkSegmentWriter(directory, $"{name}/{BlockFormat.ChunksDirectory}"))
        {
            foreach (var (labels, chunks) in series)
            {
                var references = chunks.Select(chunk => writer.Write(chunk.Encoding, chunk.Data.Span)).ToArray();
                samples += chunks.Sum(chunk => BinaryPrimitives.ReadUInt16BigEndian(chunk.Data.Span));
                listed.Add((labels, List(chunks, references)));
            }

            writer.Finish();
        }

        using (var file = directory.Create($"{name}/{BlockFormat.IndexFile}"))
        {
            file.Write(Index(listed), 0);
            file.Sync();
        }

        TombstonesFile.Write(directory, $"{name}/{TombstonesFile.FileName}", Tombstones.None);
        BlockMetaFile.Write(directory, $"{name}/{BlockMetaFile.FileName}", new BlockMeta
        {
            Id = id,
            MinTimeMs = range.MinTimeMs,
            MaxTimeMs = range.MaxTimeMs,
            Stats = new BlockStats(samples, series.Length, series.Sum(one => one.Chunks.Length)),
            Compaction = new BlockCompaction { Sources = [id] },
        });
        return name;
    }

    private static byte[] List(EncodedChunk[] chunks, ulong[] references)
    {
        var bytes = new Bytes();
        bytes.Uvarint((ulong)chunks.Length);
        for (var i = 0; i < chunks.Length; i++)
        {
            var (min, max) = (chunks[i].MinTimeMs, chunks[i].MaxTimeMs);
            if (i == 0) bytes.Varint(min);
            else bytes.Uvarint((ulong)(min - chunks[i - 1].MaxTimeMs));
            bytes.Uvarint((ulong)(max - min));
            if (i == 0) bytes.Uvarint(references[i]);
            else bytes.Varint((long)(references[i] - references[i - 1]));
        }

        return bytes.ToArray();
    }

    private static byte[] Index(List<(Labels Labels, byte[] Chunks)> series)
    {
        var pairs = series.SelectMany(one => Pairs(one.Labels)).Distinct().Order().ToList();
        var symbols = pairs.SelectMany(pair => new[] { pair.Name, pair.Value }).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToList();
        var bytes = new Bytes();
        bytes.UInt32(BlockFormat.IndexMagic);
        bytes.Byte(2);
        var symbolsStart = bytes.Count;
        bytes.Section(section =>
        {
            section.UInt32((uint)symbols.Count);
            foreach (var symbol in symbols) section.Text(symbol);
        });
        var seriesStart = bytes.Count;
        var refs = new List<uint>();
        foreach (var (labels, chunks) in series)
        {
            bytes.Align(BlockFormat.SeriesUnitBytes);
            refs.Add((uint)(bytes.Count / BlockFormat.SeriesUnitBytes));
            var body = new Bytes();
            body.Uvarint((ulong)labels.Count);
            foreach (var (name, value) in Pairs(labels))
            {
                body.Uvarint((ulong)symbols.IndexOf(name));
                body.Uvarint((ulong)symbols.IndexOf(value));
            }

            body.Raw(chunks);
            bytes.Uvarint((ulong)body.Count);
            bytes.Raw(body.ToArray());
            bytes.UInt32(Crc32C.Compute(body.ToArray()));
        }

        var seriesEnd = bytes.Count;
        var lists = new List<(string Name, string Value, int Offset)>();
        foreach (var pair in pairs.Prepend(("", "")))
        {
            bytes.Align(sizeof(uint));
            lists.Add((pair.Item1, pair.Item2, bytes.Count));
            var found = refs.Where((_, i) => pair.Item1.Length == 0 || Pairs(series[i].Labels).Contains(pair)).ToList();
            bytes.Section(section =>
            {
                section.UInt32((uint)found.Count);
                foreach (var one in found) section.UInt32(one);
            });
        }

        var table = bytes.Count;
        bytes.Section(section =>
        {
            section.UInt32((uint)lists.Count);
            foreach (var (name, value, offset) in lists)
            {
                section.Byte(2);
                section.Text(name);
                section.Text(value);
                section.Uvarint((ulong)offset);
            }
        });
        var contents = new Bytes();
        foreach (var offset in new[] { symbolsStart, seriesStart, seriesEnd, table, lists[0].Offset, table })
            contents.UInt64((ulong)offset);
        bytes.Raw(contents.ToArray());
        bytes.UInt32(Crc32C.Compute(contents.ToArray()));
        return bytes.ToArray();
    }

    private static List<(string Name, string Value)> Pairs(Labels labels)
    {
        var pairs = new List<(string, string)>();
        foreach (var label in labels)
            pairs.Add((Encoding.UTF8.GetString(label.Name), Encoding.UTF8.GetString(label.Value)));
        return pairs;
    }

    private sealed class Bytes
    {
        private readonly List<byte> _bytes = [];

        public int Count => _bytes.Count;

        public byte[] ToArray() => [.. _bytes];

        public void Byte(byte value) => _bytes.Add(value);

        public void Raw(byte[] value) => _bytes.AddRange(value);

        public void Align(int unit)
        {
            while (_bytes.Count % unit != 0) _bytes.Add(0);
        }

        public void UInt32(uint value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        public void UInt64(ulong value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        public void Uvarint(ulong value)
        {
            for (; value >= 0x80; value >>= 7) _bytes.Add((byte)(value | 0x80));
            _bytes.Add((byte)value);
        }

        public void Varint(long value) => Uvarint((ulong)((value << 1) ^ (value >> 63)));

        public void Text(string text)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            Uvarint((ulong)utf8.Length);
            Raw(utf8);
        }

        public void Section(Action<Bytes> write)
        {
            var content = new Bytes();
            write(content);
            UInt32((uint)content.Count);
            Raw(content.ToArray());
            UInt32(Crc32C.Compute(content.ToArray()));
        }
    }
}

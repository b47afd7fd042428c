using PromHost.Chunks;

namespace PromHost.Tsdb.Tests;

public sealed class ChunkSearchTests
{
    private const int ChunkCount = 40;

    [Fact]
    public void Run_FindsAllChunksButTheDamagedOnes()
    {
        var file = Write(out var starts);
        Find(file, 0).Should().Equal(Enumerable.Range(1, ChunkCount).Select(i => (ulong)i));

        // The series' number, a timestamp, the length, the data, the checksum: all of them cost one chunk.
        for (var offset = starts[7]; offset < starts[8]; offset++)
        {
            var damaged = (byte[])file.Clone();
            damaged[offset] ^= 0x40;
            Find(damaged, 0).Should().Equal(
                Enumerable.Range(1, ChunkCount).Where(i => i != 8).Select(i => (ulong)i), "of the bit at {0}", offset);
        }
    }

    [Fact]
    public void Run_FindsWhatIsLeft_WhenAPieceIsZerosOrGarbageOrGone()
    {
        var file = Write(out var starts);
        var behind = Enumerable.Range(21, ChunkCount - 20).Select(i => (ulong)i).ToList();

        var zeroed = (byte[])file.Clone();
        zeroed.AsSpan(starts[5] + 3, starts[20] - starts[5] - 4).Clear();
        Find(zeroed, starts[5]).Should().Equal(behind);

        var garbage = (byte[])file.Clone();
        new Random(1).NextBytes(garbage.AsSpan(starts[5] + 3, starts[20] - starts[5] - 4));
        Find(garbage, starts[5]).Should().Equal(behind);

        byte[] shifted = [.. file[..(starts[5] + 9)], .. file[(starts[20] - 1)..]];
        Find(shifted, starts[5]).Should().Equal(behind);

        // What stands behind zeros alone is found too; the end of the file is no harm.
        byte[] late = [.. new byte[10_000], .. file[starts[20]..^1]];
        Find(late, 0).Should().Equal(behind[..^1]);
    }

    private static List<ulong> Find(byte[] file, int start)
    {
        var found = new List<ulong>();
        ChunkSearch.Run(
            file, 1, start,
            (ChunkDiskRef _, in HeadChunkHeader header, ReadOnlySpan<byte> _) => found.Add(header.SeriesRef));
        return found;
    }

    private static byte[] Write(out List<int> starts)
    {
        var random = new Random(2);
        var file = new byte[64 * 1024];
        HeadChunkFormat.WriteFileHeader(file);
        var end = HeadChunkFormat.FileHeaderBytes;
        starts = [];
        for (var i = 1; i <= ChunkCount; i++)
        {
            starts.Add(end);
            var data = new byte[random.Next(10, 400)];
            random.NextBytes(data);
            end += HeadChunkFormat.WriteChunk(
                file.AsSpan(end), new HeadChunkHeader((ulong)i, i * 1000, (i * 1000) + 999, ChunkEncoding.Xor), data);
        }

        return file[..end];
    }
}

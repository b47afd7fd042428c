namespace PromHost.Codecs.Tests;

public class BitReaderTests
{
    [Fact]
    public void Read_GivesWhatBitWriterWrote_AtEveryPosition()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var buffer = new byte[4096];
            var written = new List<(ulong Value, int Count)>();
            var position = 0;
            for (var i = 0; i < 200; i++)
            {
                var count = random.Next(1, BitReader.MaxBits + 1);
                var value = (ulong)random.NextInt64() & ((1UL << count) - 1);
                BitWriter.Write(buffer, position, value, count);
                position += count;
                written.Add((value, count));
            }

            // Without a spare byte behind: the last reads come close to the end.
            var reader = new BitReader(buffer.AsSpan(0, (position + 7) / 8));
            foreach (var (value, count) in written) reader.Read(count).Should().Be(value);
            reader.PositionBits.Should().Be(position);
            reader.IsPastEnd.Should().BeFalse();
        }
    }

    [Fact]
    public void Read_GivesZerosAndSaysSo_BehindTheEnd()
    {
        var reader = new BitReader([0xFF, 0xFF]);

        reader.Read(12).Should().Be(0xFFF);
        reader.IsPastEnd.Should().BeFalse();
        reader.Read(8).Should().Be(0xF0);
        reader.IsPastEnd.Should().BeTrue();
        reader.RemainingBits.Should().Be(-4);
        reader.Read64().Should().Be(0);
        reader.Peek().Should().Be(0);
    }

    [Fact]
    public void Read64_ReadsAllBits_AtAnOddPosition()
    {
        var buffer = new byte[24];
        BitWriter.Write64(buffer, 5, 0x0123_4567_89AB_CDEF);
        var reader = new BitReader(buffer, 5);

        reader.Read64().Should().Be(0x0123_4567_89AB_CDEF);
    }
}

namespace PromHost.Tsdb.Tests;

public class WalCompressorTests
{
    [Theory]
    [InlineData(WalCompression.Snappy, WalFormat.SnappyFlag)]
    [InlineData(WalCompression.Zstd, WalFormat.ZstdFlag)]
    [InlineData(WalCompression.None, 0)]
    public void Compress_MarksHowItCompressed(WalCompression kind, byte expected)
    {
        if (kind == WalCompression.Zstd && Codecs.ZstdEncoder.TryLoad() is null) return;
        var compressor = new WalCompressor(kind);

        var stored = compressor.Compress(new byte[1000], out var flags);

        flags.Should().Be(expected);
        stored.Length.Should().Match(length => expected == 0 ? length == 1000 : length < 100);
    }

    [Theory]
    [InlineData(WalCompression.Snappy)]
    [InlineData(WalCompression.Zstd)]
    public void Compress_LeavesARecordAsItIs_WhenItWouldGrow(WalCompression kind)
    {
        if (kind == WalCompression.Zstd && Codecs.ZstdEncoder.TryLoad() is null) return;
        var compressor = new WalCompressor(kind);
        byte[] record = [1, 2, 3];

        compressor.Compress(record, out var flags).ToArray().Should().Equal(record);

        flags.Should().Be(0);
    }
}

using System.Text;

namespace PromHost.Codecs.Tests;

public class ZstdDecoderTests
{
    // `zstd` of "PromHost PromHost PromHost PromHost PromHost", with and without the length in the frame's header.
    private const string Sized = "KLUv/SQsfQAASFByb21Ib3N0IAEASJYjdAhj1w==";

    private const string Streamed = "KLUv/QRYfQAASFByb21Ib3N0IAEASJYjdAhj1w==";

    private static readonly string Text = string.Join(' ', Enumerable.Repeat("PromHost", 5));

    [Theory]
    [InlineData(Sized)]
    [InlineData(Streamed)]
    public void TryDecode_GivesTheText(string frame)
    {
        if (ZstdDecoder.TryLoad() is not { } decoder)
            return;
        var result = Array.Empty<byte>();

        decoder.TryDecode(Convert.FromBase64String(frame), ref result, 1000, out var written).Should().BeTrue();

        Encoding.ASCII.GetString(result, 0, written).Should().Be(Text);
    }

    [Theory]
    [InlineData(Sized)]
    [InlineData(Streamed)]
    public void TryDecode_RefusesPrefixesAndResultsTooLong_AndNeverThrows(string frame)
    {
        if (ZstdDecoder.TryLoad() is not { } decoder)
            return;
        var result = Array.Empty<byte>();
        var bytes = Convert.FromBase64String(frame);
        for (var length = 1; length < bytes.Length; length++)
            decoder.TryDecode(bytes.AsSpan(0, length), ref result, 1000, out _).Should().BeFalse();
        decoder.TryDecode(bytes, ref result, Text.Length, out _).Should().BeTrue();
        result = [];
        decoder.TryDecode(bytes, ref result, Text.Length - 1, out _).Should().BeFalse();

        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            decoder.TryDecode(damaged, ref result, 1 << 20, out _);
        }
    }
}

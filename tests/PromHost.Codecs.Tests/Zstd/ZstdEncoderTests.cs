namespace PromHost.Codecs.Tests;

public class ZstdEncoderTests
{
    [Fact]
    public void Encode_IsUndoneByTheDecoder()
    {
        if (ZstdEncoder.TryLoad() is not { } encoder || ZstdDecoder.TryLoad() is not { } decoder)
            return;
        var random = new Random(3);
        for (var length = 0; length < 5000; length += 97)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes.AsSpan(length / 2));
            var frame = new byte[encoder.MaxEncodedLength(length)];

            var written = encoder.Encode(bytes, frame);

            byte[] result = [];
            decoder.TryDecode(frame.AsSpan(0, written), ref result, 1 << 20, out var count).Should().BeTrue();
            result.AsSpan(0, count).ToArray().Should().Equal(bytes);
        }
    }
}

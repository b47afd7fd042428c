using PromHost.Codecs;

namespace PromHost.LoadTest;

/// <summary>A remote-write request with one sample.</summary>
internal static class ProbeRequest
{
    /// <summary>Makes the compressed body.</summary>
    public static byte[] Make(long timeMs)
    {
        using var message = new ByteWriter(256);
        var writer = new ProtoWriter(message);
        var series = writer.BeginMessage(1);
        var label = writer.BeginMessage(1);
        writer.WriteBytes(1, "__name__"u8);
        writer.WriteBytes(2, "promhost_load_probe"u8);
        writer.EndMessage(label);
        var sample = writer.BeginMessage(2);
        writer.WriteDouble(1, timeMs);
        writer.WriteInt64(2, timeMs);
        writer.EndMessage(sample);
        writer.EndMessage(series);
        var body = new byte[SnappyEncoder.MaxEncodedLength(message.Length)];
        return body[..new SnappyEncoder().Encode(message.WrittenSpan, body)];
    }
}

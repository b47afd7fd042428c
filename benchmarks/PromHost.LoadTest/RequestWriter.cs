using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.LoadTest;

/// <summary>
/// Collects samples into remote-write requests and writes them to a file, ready to be sent: per request
/// <c>size (4 bytes) samples (4 bytes) body</c>, low byte first.
/// </summary>
internal sealed class RequestWriter(string path, int batchSamples) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
    private readonly ByteWriter _message = new(1 << 20);
    private readonly SnappyEncoder _snappy = new();
    private byte[] _compressed = [];
    private int _samples;

    /// <summary>Adds a series with one sample.</summary>
    /// <param name="labels">The encoded labels.</param>
    /// <param name="timeMs">Milliseconds since the Unix epoch.</param>
    /// <param name="value">The value.</param>
    public void Add(byte[] labels, long timeMs, double value)
    {
        var writer = new ProtoWriter(_message);
        var timeSeries = writer.BeginMessage(1);
        _message.WriteBytes(labels);
        var sample = writer.BeginMessage(2);
        writer.WriteDouble(1, value);
        writer.WriteInt64(2, timeMs);
        writer.EndMessage(sample);
        writer.EndMessage(timeSeries);
        if (++_samples == batchSamples) Flush();
    }

    /// <summary>Adds a series with one native histogram.</summary>
    /// <param name="labels">The encoded labels.</param>
    /// <param name="timeMs">Milliseconds since the Unix epoch.</param>
    /// <param name="latencies">The histogram.</param>
    public void Add(byte[] labels, long timeMs, NativeLatencies latencies)
    {
        var writer = new ProtoWriter(_message);
        var timeSeries = writer.BeginMessage(1);
        _message.WriteBytes(labels);
        var histogram = writer.BeginMessage(4);
        latencies.Write(writer);
        writer.WriteInt64(15, timeMs);
        writer.EndMessage(histogram);
        writer.EndMessage(timeSeries);
        if (++_samples == batchSamples) Flush();
    }

    /// <summary>Writes the last request and closes the file.</summary>
    public void Dispose()
    {
        Flush();
        _message.Dispose();
        _file.Dispose();
    }

    private void Flush()
    {
        if (_samples == 0) return;
        var bound = SnappyEncoder.MaxEncodedLength(_message.Length);
        if (_compressed.Length < bound) _compressed = new byte[bound];
        var size = _snappy.Encode(_message.WrittenSpan, _compressed);
        Span<byte> header = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(header, size);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], _samples);
        _file.Write(header);
        _file.Write(_compressed, 0, size);
        _message.Clear();
        _samples = 0;
    }
}

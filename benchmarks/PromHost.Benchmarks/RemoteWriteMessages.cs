using PromHost.Codecs;

namespace PromHost.Benchmarks;

/// <summary>
/// Remote-write messages of a fleet: one sample per series each, batch after batch in the order of the series.
/// </summary>
internal sealed class RemoteWriteMessages : IDisposable
{
    private readonly byte[][] _labels;
    private readonly ByteWriter _message = new(1 << 20);
    private readonly SnappyEncoder _snappy = new();

    public RemoteWriteMessages(int targets) => _labels = [.. NodeFleet.Series(targets).Select(NodeFleet.Encode)];

    public int SeriesCount => _labels.Length;

    /// <summary>A message with the next samples; it wraps around to the next scrape.</summary>
    /// <param name="first">The number of the first sample: scrape times series plus series.</param>
    /// <param name="count">The number of samples.</param>
    public byte[] Write(long first, int count)
    {
        _message.Clear();
        var writer = new ProtoWriter(_message);
        for (var i = first; i < first + count; i++)
        {
            var (scrape, series) = Math.DivRem(i, _labels.Length);
            var timeSeries = writer.BeginMessage(1);
            _message.WriteBytes(_labels[series]);
            var sample = writer.BeginMessage(2);
            writer.WriteDouble(1, NodeFleet.Value((int)series, (int)scrape));
            writer.WriteInt64(2, NodeFleet.StartMs + (scrape * NodeFleet.IntervalMs));
            writer.EndMessage(sample);
            writer.EndMessage(timeSeries);
        }

        return _message.WrittenSpan.ToArray();
    }

    /// <summary>The same, as it goes over the wire.</summary>
    public byte[] WriteCompressed(long first, int count) => Compress(Write(first, count));

    /// <summary>The snappy block of a message.</summary>
    public byte[] Compress(ReadOnlySpan<byte> message)
    {
        var block = new byte[SnappyEncoder.MaxEncodedLength(message.Length)];
        return block[.._snappy.Encode(message, block)];
    }

    public void Dispose() => _message.Dispose();
}

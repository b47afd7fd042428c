using System.Text;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Remote.Tests;

/// <summary>Writes 1.0 messages field by field, valid or not.</summary>
internal sealed class WriteRequestMessage : IDisposable
{
    private readonly ByteWriter _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public byte[] ToBody() => Compress(_bytes.WrittenSpan);

    public static byte[] Compress(ReadOnlySpan<byte> message)
    {
        var buffer = new byte[SnappyEncoder.MaxEncodedLength(message.Length)];
        return buffer[..new SnappyEncoder().Encode(message, buffer)];
    }

    public void Dispose() => _bytes.Dispose();

    public WriteRequestMessage Series(Action<SeriesFields> write)
    {
        var proto = new ProtoWriter(_bytes);
        var mark = proto.BeginMessage(1);
        write(new SeriesFields(_bytes));
        proto.EndMessage(mark);
        return this;
    }

    /// <summary>A series in the usual order: sorted labels as given in <c>name=value,…</c>, then samples.</summary>
    public WriteRequestMessage Series(string labels, params (long TimestampMs, double Value)[] samples) =>
        Series(fields =>
        {
            foreach (var pair in labels.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                var split = pair.IndexOf('=', StringComparison.Ordinal);
                fields.Label(pair[..split], pair[(split + 1)..]);
            }

            foreach (var (timestampMs, value) in samples)
                fields.Sample(timestampMs, value);
        });

    public WriteRequestMessage Metadata(ulong type, string family, string help, string unit)
    {
        var proto = new ProtoWriter(_bytes);
        var mark = proto.BeginMessage(3);
        proto.WriteVarint(1, type);
        proto.WriteString(2, family);
        proto.WriteString(4, help);
        proto.WriteString(5, unit);
        // vmagent adds the tenant.
        proto.WriteVarint(20, 42);
        proto.WriteVarint(21, 43);
        proto.EndMessage(mark);
        return this;
    }

    public WriteRequestMessage Raw(Action<ProtoWriter> write)
    {
        write(new ProtoWriter(_bytes));
        return this;
    }

    internal sealed class SeriesFields(ByteWriter bytes)
    {
        public ProtoWriter Proto => new(bytes);

        public SeriesFields Label(string name, string value) =>
            Label(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

        public SeriesFields Label(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            var mark = Proto.BeginMessage(1);
            Proto.WriteBytes(1, name);
            Proto.WriteBytes(2, value);
            Proto.EndMessage(mark);
            return this;
        }

        public SeriesFields Sample(long timestampMs, double value)
        {
            var mark = Proto.BeginMessage(2);
            // Zeros are left out by senders.
            if (value != 0)
                Proto.WriteDouble(1, value);
            if (timestampMs != 0)
                Proto.WriteInt64(2, timestampMs);
            Proto.EndMessage(mark);
            return this;
        }

        public SeriesFields Exemplar(string name, string label, long timestampMs, double value)
        {
            var mark = Proto.BeginMessage(3);
            Label(name, label);
            Proto.WriteDouble(2, value);
            Proto.WriteInt64(3, timestampMs);
            Proto.EndMessage(mark);
            return this;
        }

        public SeriesFields Histogram(long timestampMs, NativeHistogram? histogram = null)
        {
            HistogramFields.Write(Proto, 4, timestampMs, histogram ?? new NativeHistogram
            {
                IsInteger = true,
                Schema = 2,
                Count = 3,
                Sum = 20,
                PositiveSpans = new HistogramSpan[] { new(0, 1) },
                PositiveCounts = new double[] { 3 },
            });
            return this;
        }
    }
}

using PromHost.Codecs;

namespace PromHost.LoadTest;

/// <summary>
/// The request durations of one handler of one target as a native histogram of schema 3: spread like logarithms of
/// normally distributed numbers, so that rare buckets come late, and each series has a layout of its own. Starts anew
/// now and then.
/// </summary>
internal sealed class NativeLatencies(int instance, int handler)
{
    private const int Schema = 3;
    private const int MinIndex = -100, MaxIndex = 60;

    // As the client libraries do: shorter gaps are filled up with empty buckets.
    private const int MaxEmptyBuckets = 2;

    private readonly Random _random = new((instance * 31) + handler);
    private readonly long[] _counts = new long[MaxIndex - MinIndex + 1];
    private readonly List<long> _deltas = [];
    private readonly List<(int Offset, int Length)> _spans = [];
    private long _count;
    private double _sum;

    /// <summary>Takes the requests between two scrapes; the target restarts every few hours.</summary>
    public void Advance(int step)
    {
        if ((step + (instance * 17)) % 700 == 699)
        {
            Array.Clear(_counts);
            _count = 0;
            _sum = 0;
        }

        var median = 0.004 * (1 << handler) * (1 + (instance % 7 * 0.2));
        for (var requests = _random.Next(10, 60); requests > 0; requests--)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) *
                Math.Cos(2 * Math.PI * _random.NextDouble());
            var seconds = median * Math.Exp(normal);
            var index = (int)Math.Ceiling(Math.Log2(seconds) * (1 << Schema));
            _counts[Math.Clamp(index, MinIndex, MaxIndex) - MinIndex]++;
            _count++;
            _sum += seconds;
        }
    }

    /// <summary>Writes the fields of the message of a histogram, but for its time.</summary>
    public void Write(ProtoWriter writer)
    {
        LayOut();
        writer.WriteVarint(1, (ulong)_count);
        writer.WriteDouble(3, _sum);
        writer.WriteSignedVarint(4, Schema);
        writer.WriteDouble(5, Math.ScaleB(1, -128));
        writer.WriteVarint(6, 0);
        foreach (var (offset, length) in _spans)
        {
            var span = writer.BeginMessage(11);
            writer.WriteSignedVarint(1, offset);
            writer.WriteVarint(2, (ulong)length);
            writer.EndMessage(span);
        }

        writer.WritePackedSignedVarints(12, _deltas.ToArray());
    }

    private void LayOut()
    {
        _deltas.Clear();
        _spans.Clear();
        var end = MinIndex; // behind the last bucket that is laid out
        var before = 0L;
        for (var index = MinIndex; index <= MaxIndex; index++)
        {
            if (_counts[index - MinIndex] == 0) continue;
            var isFirst = _spans.Count == 0;
            if (isFirst || index - end > MaxEmptyBuckets)
            {
                _spans.Add((isFirst ? index : index - end, 0));
                end = index;
            }

            for (; end <= index; end++)
            {
                _deltas.Add(_counts[end - MinIndex] - before);
                before = _counts[end - MinIndex];
                _spans[^1] = _spans[^1] with { Length = _spans[^1].Length + 1 };
            }
        }
    }
}

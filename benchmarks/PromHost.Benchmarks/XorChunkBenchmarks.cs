using BenchmarkDotNet.Attributes;
using PromHost.Chunks;

namespace PromHost.Benchmarks;

/// <summary>Encoding and decoding a full chunk of 120 samples; the figures are per sample.</summary>
public class XorChunkBenchmarks
{
    private const int Samples = 120;
    private readonly long[] _timestamps = new long[Samples];
    private readonly double[] _values = new double[Samples];
    private readonly byte[] _buffer = new byte[4096];
    private byte[] _chunk = [];

    public enum Shape
    {
        /// <summary>Exact times, one value.</summary>
        Constant,

        /// <summary>Exact times, integers that grow.</summary>
        Counter,

        /// <summary>Times a few milliseconds off, two decimals.</summary>
        Gauge,

        /// <summary>Times a few milliseconds off, all bits of the mantissa in use.</summary>
        Noise,
    }

    [Params(Shape.Constant, Shape.Counter, Shape.Gauge, Shape.Noise)]
    public Shape Data { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(2);
        var sum = 1000.0;
        for (var i = 0; i < Samples; i++)
        {
            var jitter = Data is Shape.Constant or Shape.Counter ? 0 : random.Next(-3, 4);
            _timestamps[i] = 1_700_000_000_000 + (i * 15_000L) + jitter;
            sum += random.Next(50);
            _values[i] = Data switch
            {
                Shape.Constant => 5,
                Shape.Counter => sum,
                Shape.Gauge => Math.Round(20 + (random.NextDouble() * 5), 2),
                _ => random.NextDouble(),
            };
        }

        _chunk = _buffer[..Encode()];
    }

    [Benchmark(OperationsPerInvoke = Samples)]
    public int Encode()
    {
        var encoder = XorChunkEncoder.Start(_buffer);
        for (var i = 0; i < Samples; i++)
            encoder.Append(_buffer, _timestamps[i], _values[i]);
        return encoder.LengthBytes;
    }

    [Benchmark(OperationsPerInvoke = Samples)]
    public bool Decode() => XorChunkDecoder.TryDecode(_chunk, _timestamps, _values, out _);
}

using BenchmarkDotNet.Attributes;
using PromHost.Codecs;
using PromHost.Remote;

namespace PromHost.Benchmarks;

/// <summary>A message of 2000 samples: the snappy block and the walk; the figures are per sample.</summary>
public class WriteRequestBenchmarks
{
    private const int Samples = 2000;
    private readonly SnappyEncoder _snappy = new();
    private readonly RemoteWriteLimits _limits = new();
    private readonly WriteRequestBatch _batch = new();
    private byte[] _message = [];
    private byte[] _block = [];
    private byte[] _destination = [];

    [GlobalSetup]
    public void Setup()
    {
        using var messages = new RemoteWriteMessages(targets: 4);
        _message = messages.Write(0, Samples);
        _block = messages.Compress(_message);
        _destination = new byte[SnappyEncoder.MaxEncodedLength(_message.Length)];
        Console.WriteLine($"// message {_message.Length} bytes, block {_block.Length} bytes");
    }

    [GlobalCleanup]
    public void Cleanup() => _batch.Dispose();

    [Benchmark(OperationsPerInvoke = Samples)]
    public bool Walk()
    {
        _batch.Clear();
        return new WriteRequestReader(_message, _batch, _limits).TryRead();
    }

    [Benchmark(OperationsPerInvoke = Samples)]
    public bool SnappyDecode() => SnappyDecoder.TryDecode(_block, _destination, out _);

    [Benchmark(OperationsPerInvoke = Samples)]
    public int SnappyEncode() => _snappy.Encode(_message, _destination);
}

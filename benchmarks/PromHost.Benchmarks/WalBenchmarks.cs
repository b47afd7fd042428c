using BenchmarkDotNet.Attributes;
using PromHost.Codecs;
using PromHost.Tsdb;

namespace PromHost.Benchmarks;

/// <summary>A batch of 2000 samples on its way into the log and back; the figures are per sample.</summary>
public class WalBenchmarks
{
    private const int Samples = 2000;
    private readonly WalSample[] _samples = new WalSample[Samples];
    private ByteWriter? _record;
    private WalSample[] _decoded = [];
    private DataDirectory? _directory;
    private WalWriter? _writer;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(3);
        for (var i = 0; i < Samples; i++)
        {
            var value = i % 3 == 0 ? i : random.NextDouble() * 1000;
            _samples[i] = new WalSample((ulong)(5000 + i), 1_700_000_000_000 + (i / 500), value);
        }

        _record = new ByteWriter();
        Encode();
        _directory = new DataDirectory(Directory.CreateTempSubdirectory("promhost-benchmark-").FullName);
        _writer = WalWriter.Open(_directory, "wal");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _record!.Dispose();
        _writer!.Dispose();
        Directory.Delete(_directory!.RootPath, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Samples)]
    public int Encode()
    {
        _record!.Clear();
        WalRecordEncoder.Encode(_samples, _record!);
        return _record!.Length;
    }

    [Benchmark(OperationsPerInvoke = Samples)]
    public long AppendAndFlush()
    {
        _writer!.Append(_record!.WrittenSpan);
        _writer.Flush();

        // The disk is not what is measured.
        if (_writer.Position.Segment > 4)
            Restart();
        return _writer.Position.OffsetBytes;
    }

    [Benchmark(OperationsPerInvoke = Samples)]
    public bool Decode() => WalRecordDecoder.TryDecodeSamples(_record!.WrittenSpan, ref _decoded, out _);

    private void Restart()
    {
        _writer!.Dispose();
        _directory!.Delete("wal");
        _writer = WalWriter.Open(_directory, "wal");
    }
}

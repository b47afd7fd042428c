using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Remote;
using PromHost.Tsdb;

namespace PromHost.Benchmarks;

/// <summary>
/// Whole requests of 2000 samples of known series into a database with a log; the figures are per sample.
/// </summary>
public class RemoteWriteBenchmarks
{
    private const int BatchSamples = 2000;
    private const int Batches = 160;
    private readonly byte[][] _bodies = new byte[Batches][];
    private RemoteWriteMessages? _messages;
    private Database? _database;
    private RemoteWriteReceiver? _receiver;
    private Meter? _meter;
    private string _path = "";
    private long _sent;

    // The in-process toolchain waits for benchmarks only, not for their setup.
    [GlobalSetup]
    public void Setup()
    {
        _messages = new RemoteWriteMessages(targets: 60);
        _path = Directory.CreateTempSubdirectory("promhost-benchmark-").FullName;
        _database = Database.Open(
            new DatabaseOptions { DataPath = _path }, NullLogger.Instance, TimeProvider.System);
        _database.ReplayAsync().GetAwaiter().GetResult();
        _meter = new Meter("promhost-benchmark");
        _receiver = new RemoteWriteReceiver(_database, TimeProvider.System, new RemoteWriteLimits(), _meter);
        _sent = 0;
        PrepareBodies();
        Receive().GetAwaiter().GetResult();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _database!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _meter!.Dispose();
        _messages!.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    /// <summary>New samples each time: repeated ones would not be stored.</summary>
    [IterationSetup]
    public void PrepareBodies()
    {
        for (var i = 0; i < Batches; i++, _sent += BatchSamples)
            _bodies[i] = _messages!.WriteCompressed(_sent, BatchSamples);
    }

    [Benchmark(OperationsPerInvoke = Batches * BatchSamples)]
    public async Task Receive()
    {
        foreach (var body in _bodies)
        {
            var outcome = await _receiver!.ReceiveAsync(body);
            if (outcome.Stored != BatchSamples) throw new InvalidOperationException(outcome.ToString());
        }
    }
}

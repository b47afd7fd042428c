using BenchmarkDotNet.Attributes;
using PromHost.Tsdb;

namespace PromHost.Benchmarks;

/// <summary>
/// Finding 31 080 known series by the bytes of their labels in a message; the figures are per series.
/// </summary>
public class SeriesTableBenchmarks
{
    private const int Targets = 60;
    private const int SeriesCount = Targets * NodeFleet.SeriesPerTarget;
    private byte[][] _rawLabels = [];
    private byte[][] _shuffled = [];
    private Head? _head;

    [GlobalSetup]
    public void Setup()
    {
        _head = new Head(blockRangeMs: 7_200_000);
        var series = NodeFleet.Series(Targets).ToArray();
        _rawLabels = [.. series.Select(NodeFleet.Encode)];
        _shuffled = [.. _rawLabels];
        new Random(4).Shuffle(_shuffled);
        for (var i = 0; i < series.Length; i++) _head.Table.GetOrAdd(series[i], _rawLabels[i]);
        // A first round in order, for the table to learn what follows what.
        FindInOrder();
    }

    /// <summary>As an agent sends them: the same order every time.</summary>
    [Benchmark(OperationsPerInvoke = SeriesCount)]
    public int FindInOrder()
    {
        ulong cursor = 0;
        var sum = 0;
        foreach (var raw in _rawLabels)
        {
            if (_head!.Table.TryGet(raw, ref cursor, out var series)) sum += series;
        }

        return sum;
    }

    /// <summary>Without knowing what came before: by hash.</summary>
    [Benchmark(OperationsPerInvoke = SeriesCount)]
    public int FindShuffled()
    {
        var sum = 0;
        foreach (var raw in _shuffled)
        {
            ulong cursor = 0;
            if (_head!.Table.TryGet(raw, ref cursor, out var series)) sum += series;
        }

        return sum;
    }
}

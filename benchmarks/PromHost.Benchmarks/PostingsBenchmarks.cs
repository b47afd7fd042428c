using BenchmarkDotNet.Attributes;
using PromHost.Model;
using PromHost.Tsdb;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Benchmarks;

/// <summary>Finding the series that match: 60 targets are 31 080 series, 386 targets 199 948.</summary>
public class PostingsBenchmarks
{
    private static readonly LabelMatcher[] CpuTime = [Name(MatchType.Equal, "node_cpu_seconds_total")];

    private readonly LabelMatcher[] _twoEqual = [.. CpuTime, new(MatchType.Equal, "mode", "idle")];
    private readonly LabelMatcher[] _notEqual = [.. CpuTime, new(MatchType.NotEqual, "mode", "idle")];
    private readonly LabelMatcher[] _notRegex = [.. CpuTime, new(MatchType.NotRegexMatch, "pod", ".*-00[02].-.*")];
    private readonly LabelMatcher[] _prefix = [Name(MatchType.RegexMatch, "node_network_.*")];
    private readonly LabelMatcher[] _contains = [.. CpuTime, new(MatchType.RegexMatch, "pod", ".*-001.*")];
    private readonly LabelMatcher[] _everything = [Name(MatchType.NotEqual, "")];

    private readonly LabelMatcher[] _alternation =
        [.. CpuTime, new(MatchType.RegexMatch, "instance", "10.0.3.17:9100|10.0.17.17:9100|10.0.42.17:9100")];

    private readonly LabelMatcher[] _metricAlternation =
        [Name(MatchType.RegexMatch, "node_(cpu|disk|filesystem|memory|network)_.*(total|bytes)")];

    private readonly LabelMatcher[] _selectiveContains =
        [new(MatchType.Equal, "group", "7"), new(MatchType.RegexMatch, "id", ".*foo.*")];

    private Head? _head;
    private Head? _manyValues;

    [Params(60, 386)]
    public int Targets { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _head = new Head(blockRangeMs: 7_200_000);
        foreach (var labels in NodeFleet.Series(Targets)) _head.Table.GetOrAdd(labels, []);
        _manyValues = new Head(blockRangeMs: 7_200_000);
        for (var i = 0; i < 400_000; i++)
        {
            _manyValues.Table.GetOrAdd(Labels.FromPairs(
                (Labels.MetricName, "m"), ("group", $"{i % 1000}"), ("id", $"{i:x8}-{(i % 3 == 0 ? "foo" : "bar")}")),
                []);
        }
    }

    [Benchmark]
    public int Equal() => Find(CpuTime);

    [Benchmark]
    public int TwoEqual() => Find(_twoEqual);

    [Benchmark]
    public int NotEqual() => Find(_notEqual);

    [Benchmark]
    public int NotRegex() => Find(_notRegex);

    [Benchmark]
    public int RegexPrefix() => Find(_prefix);

    [Benchmark]
    public int RegexContains() => Find(_contains);

    /// <summary>400,000 values of one label beside a matcher that leaves 400 series.</summary>
    [Benchmark]
    public int RegexContainsOverManyValues()
    {
        MatcherPostings.Find(
            _manyValues!, _manyValues!.Index.Ordinals.Last, _selectiveContains, out var count);
        return count;
    }

    [Benchmark]
    public int RegexAlternation() => Find(_alternation);

    [Benchmark]
    public int RegexOverMetricNames() => Find(_metricAlternation);

    [Benchmark]
    public int EverySeries() => Find(_everything);

    private static LabelMatcher Name(MatchType type, string value) => new(type, Labels.MetricName, value);

    private int Find(LabelMatcher[] matchers)
    {
        MatcherPostings.Find(_head!, _head!.Index.Ordinals.Last, matchers, out var count);
        return count > 0 ? count : throw new InvalidOperationException("nothing found");
    }
}

using System.Text.Json.Nodes;
using PromHost.Model;
using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Api.Tests;

/// <summary>The data sets and failures that cases of the api corpus name.</summary>
internal static class CorpusStorage
{
    private const long StepMs = 60_000;

    /// <summary>A data set of <c>data.json</c>.</summary>
    public static MemoryStorage Load(JsonNode dataSets, string name)
    {
        var storage = new MemoryStorage();
        var lines = dataSets[name]!["load"]!.GetValue<string>().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines.Skip(1))
        {
            var series = Parser.ParseSeriesDescription(line.Trim());
            var samples = series.Values.Select((value, i) => new FloatSample(i * StepMs, value.Value)).ToArray();
            storage.Add(series.Labels, samples);
        }

        return storage;
    }

    /// <summary>A data set that the README of the corpus describes for scenarios; null: not one of floats.</summary>
    public static MemoryStorage? ForScenario(string name)
    {
        var storage = new MemoryStorage();
        if (name is "empty") return storage;
        if (name is "not ready")
        {
            storage.ReadFailure = FailureOf(name);
            return storage;
        }

        if (name is not "series") return null;
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Add("up", "prometheus", "localhost:9090", 1, 1);
        Add("up", "node", "localhost:9100", 1, 0);
        Add("http_requests_total", "api", "localhost:8080", 100, 150);
        return storage;

        void Add(string metric, string job, string instance, double before, double last) => storage.Add(
            Labels.FromPairs(("__name__", metric), ("job", job), ("instance", instance)),
            new FloatSample(now - StepMs, before), new FloatSample(now, last));
    }

    /// <summary>What the storage throws for the failure that a case wants.</summary>
    public static Exception FailureOf(string failure) => failure switch
    {
        "storage" => new StorageReadException("storage error"),
        "not ready" => new StorageUnavailableException("TSDB not ready", null),
        "generic" => new QueryException(QueryErrorKind.Execution, "generic"),
        "query canceled" => new QueryException(QueryErrorKind.Canceled, "query was canceled in x"),
        "deadline exceeded" => new QueryException(QueryErrorKind.Execution, "context deadline exceeded"),
        _ => new InvalidOperationException(failure),
    };
}

using System.Globalization;
using PromHost.Conformance.Tests;
using PromHost.Model;

namespace PromHost.Interop.Tests;

/// <summary>
/// A PromHost and a Prometheus that were sent the same: the demo series, series with odd labels, native histograms.
/// Started once for all tests.
/// </summary>
public sealed class QueryPair : IAsyncLifetime
{
    private const int SampleCount = 300;
    private const int SamplesPerRequest = 50;

    // Where the histograms begin too.
    private const long StartMs = SentHistograms.StartMs;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-queries-").FullName;
    private readonly List<RunningProgram> _programs = [];
    private Uri _ours = new("http://127.0.0.1");
    private Uri _theirs = new("http://127.0.0.1");

    /// <summary>The end of the demo series and of those with odd labels, in seconds.</summary>
    internal static long EndSeconds => (StartMs + (SampleCount * DemoSeries.StepMs)) / 1000;

    public async ValueTask InitializeAsync()
    {
        if (!Peers.Available) return;
        (var promHost, _ours) = await RunningProgram.StartPromHostAsync(Path.Combine(_folder, "ours"), 0,
            "--storage.tsdb.retention.time=100y", "--enable-feature=promql-experimental-functions");
        _programs.Add(promHost);
        (var prometheus, _theirs) = await PrometheusServer.StartAsync(
            Peers.Prometheus, Path.Combine(_folder, "theirs"), "storage:\n  tsdb:\n    out_of_order_time_window: 3h\n",
            "--enable-feature=native-histograms,promql-experimental-functions");
        _programs.Add(prometheus);

        var demo = DemoSeries.Make(StartMs, SampleCount);
        for (var from = 0; from < SampleCount; from += SamplesPerRequest)
        {
            var fromMs = StartMs + (from * DemoSeries.StepMs);
            var endMs = fromMs + (SamplesPerRequest * DemoSeries.StepMs);
            await SendAsync(() => WriteRequests.Content(demo.Select(series => (
                series.Labels,
                Array.FindAll(series.Samples, s => s.TimestampMs >= fromMs && s.TimestampMs < endMs)))));
        }

        var sample = new FloatSample((EndSeconds - 60) * 1000, 1);
        await SendAsync(() => WriteRequests.Content(OddLabels.All.Select(labels => (labels, new[] { sample }))));
        foreach (var request in SentHistograms.Requests())
            await SendAsync(() => WriteRequests.ContentWithHistograms("histogram_test", request));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs) await program.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Asks both the same range query.</summary>
    internal Task<(Answer Ours, Answer Theirs)> AskRangeAsync(
        string query, long startSeconds, long endSeconds, int stepSeconds) =>
        AskAsync("/api/v1/query_range", ("query", query), ("start", Number(startSeconds)), ("end", Number(endSeconds)),
            ("step", Number(stepSeconds)));

    /// <summary>Asks both the same instant query.</summary>
    internal Task<(Answer Ours, Answer Theirs)> AskInstantAsync(string query, long timeSeconds) =>
        AskAsync("/api/v1/query", ("query", query), ("time", Number(timeSeconds)));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<(Answer Ours, Answer Theirs)> AskAsync(
        string path, params IEnumerable<(string Name, string Value)> form)
    {
        async Task<Answer> From(Uri server)
        {
            using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
            using var response = await Polling.Http.PostAsync(new Uri(server, path), content);
            return Answer.Parse(await response.Content.ReadAsStringAsync());
        }

        return (await From(_ours), await From(_theirs));
    }

    private async Task SendAsync(Func<HttpContent> makeContent)
    {
        foreach (var address in new[] { _ours, _theirs })
        {
            using var content = makeContent();
            using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
            response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
        }
    }
}

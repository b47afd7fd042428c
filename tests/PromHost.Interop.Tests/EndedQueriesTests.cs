using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace PromHost.Interop.Tests;

/// <summary>Heavy queries that are ended through the API, each at several moments of its life.</summary>
public sealed class EndedQueriesTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-ended-").FullName;

    [Fact]
    public async Task HeavyQueries_EndSoon_WhenTheyAreTold()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PROMHOST_BESIDE_INGEST") == "1",
            "PROMHOST_BESIDE_INGEST is not 1: tests/nightly.sh storm");
        var (program, server) = await RunningProgram.StartPromHostAsync(_folder);
        await using var running = program;
        await HeavyQueries.LoadAsync(server);
        var times = new List<double>();
        foreach (var path in HeavyQueries.Paths())
        {
            foreach (var delayMs in (int[])[5, 50, 200, 500, 1000, 2000, 4000, 6000])
            {
                if (await EndAsync(server, path, delayMs) is not { } elapsed) continue;
                times.Add(elapsed);
                output.WriteLine($"{elapsed,7:F1} ms, {delayMs} ms after the start of {Query(path)}");
            }
        }

        times.Sort();
        output.WriteLine($"{times.Count} queries, median {times[times.Count / 2]:F1} ms, longest {times[^1]:F1} ms");
        times[times.Count * 9 / 10].Should().BeLessThan(100);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Query(string path) => Uri.UnescapeDataString(path.Split('?', '&')[1]);

    // The time from the wish to end until the query is not listed any more; null when it was done before.
    private static async Task<double?> EndAsync(Uri server, string path, int delayMs)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        var answer = http.GetAsync(new Uri(server, path), HttpCompletionOption.ResponseHeadersRead);
        await Task.Delay(delayMs);
        if (await FindAsync(http, server) is not { } id) return null;
        var started = Stopwatch.GetTimestamp();
        using var ended = await http.DeleteAsync(new Uri(server, $"/api/v1/status/active_queries/{id}"));
        if (ended.StatusCode == HttpStatusCode.NotFound) return null;
        using var response = await answer;
        // One whose answer had begun is cut off.
        if (response.StatusCode != HttpStatusCode.OK)
            (await response.Content.ReadAsStringAsync()).Should().Contain("it was ended by request");
        while (await FindAsync(http, server) is not null) await Task.Yield();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<long?> FindAsync(HttpClient http, Uri server)
    {
        var json = JsonNode.Parse(await http.GetStringAsync(new Uri(server, "/api/v1/status/active_queries")))!;
        return json["data"]!.AsArray().FirstOrDefault()?["id"]!.GetValue<long>();
    }
}

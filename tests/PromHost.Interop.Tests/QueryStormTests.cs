using System.Net;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>A hundred heavy queries at a time on a server that has a gigabyte.</summary>
public sealed partial class QueryStormTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-storm-").FullName;

    [Fact]
    public async Task HeavyQueries_NeverKillTheServer_WhenItHasAGigabyte()
    {
        Assert.SkipUnless(Rounds > 0, "PROMHOST_STORM_ROUNDS is not set: tests/nightly.sh storm");
        await using var group = MemoryGroup.TryCreate(1 << 30);
        Assert.SkipWhen(group is null, "control groups cannot be made here");
        await using var program = RunningProgram.Start("sh", group!.CommandOf(PromHostProgram.Command(
            "--web.listen-address=127.0.0.1:0", $"--storage.tsdb.path={_folder}")));
        var match = await program.WaitForAsync(Address());
        var server = new Uri(match.Value);
        await Polling.UntilAsync("PromHost is ready", async () =>
            (await Polling.Http.GetAsync(new Uri(server, "/-/ready"))).IsSuccessStatusCode);
        await HeavyQueries.LoadAsync(server);

        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        string[] paths = [.. HeavyQueries.Paths()];
        var answers = new List<(HttpStatusCode Status, string Error)>();
        for (var round = 0; round < Rounds; round++)
        {
            answers.AddRange(await Task.WhenAll(Enumerable.Range(0, 100).Select(
                i => AskAsync(http, new Uri(server, paths[i % paths.Length])))));
            var alive = await http.GetStringAsync(
                new Uri(server, "/api/v1/query?query=1"), TestContext.Current.CancellationToken);
            alive.Should().Contain("success");
        }

        foreach (var kind in answers.GroupBy(a => (a.Status, Text: Numbers().Replace(a.Error, "N"))))
            output.WriteLine($"{kind.Count()} × {(int)kind.Key.Status} {kind.Key.Text}");
        output.WriteLine($"peak of the group {group.PeakBytes >> 20} MiB");
        group.Kills.Should().Be(0);
        answers.Should().AllSatisfy(a => a.Status.Should().BeOneOf(
            HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity, HttpStatusCode.ServiceUnavailable));
        answers.Should().Contain(a => a.Error.Contains("of memory", StringComparison.Ordinal));
        answers.Should().Contain(a => a.Status == HttpStatusCode.OK);
        answers.Should().NotContain(a => a.Error.Contains("unexpected error", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static int Rounds => int.TryParse(
        Environment.GetEnvironmentVariable("PROMHOST_STORM_ROUNDS"), provider: null, out var rounds) ? rounds : 0;

    // Reads the answer as it comes, keeping nothing but an error.
    private static async Task<(HttpStatusCode Status, string Error)> AskAsync(HttpClient http, Uri uri)
    {
        using var response = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode) return (response.StatusCode, await response.Content.ReadAsStringAsync());
        try
        {
            await response.Content.CopyToAsync(Stream.Null);
            return (response.StatusCode, "");
        }
        catch (HttpRequestException)
        {
            // Ended while its answer was being sent, to make room.
            return (response.StatusCode, "cut off");
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+", RegexOptions.None, 5000)]
    private static partial Regex Address();

    [GeneratedRegex(@"\d+", RegexOptions.None, 5000)]
    private static partial Regex Numbers();
}

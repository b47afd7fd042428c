using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>A server that reads a long log says how far it is, to readiness checks and to queries.</summary>
public sealed partial class ReplayProgressTests : IDisposable
{
    private const int SeriesCount = 2000;
    private const int Batches = 100;
    private const long StartMs = 1_700_000_000_000;

    // Each is the first one under another name, which takes no room: its samples are read and passed over.
    private const int Segments = 200;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-progress-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ready_TellsTheSegment_WhileTheLogIsRead()
    {
        await FillAsync();
        await using var server = RunningProgram.StartPromHost(_folder);
        var match = await server.WaitForAsync(Address());
        var ready = new Uri(new Uri(match.Value), "/-/ready");
        var query = new Uri(new Uri(match.Value), "/api/v1/query?query=up");
        var told = new List<string>();
        await Polling.UntilAsync("the log was read", async () =>
        {
            // As often as there is an answer: the log takes some seconds.
            while (await AskAsync(ready, told) == HttpStatusCode.ServiceUnavailable) await AskAsync(query, told);
            return true;
        });

        var segments = told.Select(text => Progress().Match(text)).Where(progress => progress.Success)
            .Select(progress => int.Parse(progress.Groups["segment"].Value, CultureInfo.InvariantCulture)).ToList();
        segments.Distinct().Should().HaveCountGreaterThan(1, string.Join('\n', told)).And.BeInAscendingOrder();
        told.Should().OnlyContain(text => text == "Service Unavailable" || Progress().IsMatch(text));
    }

    private static async Task<HttpStatusCode> AskAsync(Uri uri, List<string> told)
    {
        using var response = await Polling.Http.GetAsync(uri);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            told.Add(await response.Content.ReadAsStringAsync());
        return response.StatusCode;
    }

    private async Task FillAsync()
    {
        var (server, address) = await RunningProgram.StartPromHostAsync(_folder);
        await using (server)
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                using var content = WriteRequests.Content("m", Enumerable.Range(0, SeriesCount).Select(i => (
                    i.ToString(CultureInfo.InvariantCulture), StartMs + (batch * 1000L), Math.Sin(batch * i))));
                (await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content)).EnsureSuccessStatusCode();
            }

            await server.KillAsync();
        }

        var first = Path.Combine(_folder, "wal", "00000000");
        for (var number = 1; number < Segments; number++)
        {
            var name = number.ToString("d8", CultureInfo.InvariantCulture);
            await using var link = RunningProgram.Start("ln", first, Path.Combine(_folder, "wal", name));
            (await link.WaitForExitAsync()).Should().Be(0, link.Output);
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+", RegexOptions.None, 1000)]
    private static partial Regex Address();

    [GeneratedRegex(
        "^Service Unavailable: reading the log, segment (?<segment>[0-9]+) of 0 to 199$",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Progress();
}

using System.Globalization;
using System.Text;

namespace PromHost.Interop.Tests;

/// <summary>
/// Blocks that promtool wrote and of which Prometheus deleted samples: PromHost answers queries over them as the
/// Prometheus that has them open.
/// </summary>
public sealed class BlockQueryTests : IDisposable
{
    private const long StartSeconds = 1_700_006_400;
    private const long EndSeconds = StartSeconds + (6 * 3600);

    private static readonly string[] Queries =
    [
        "sum by (code) (rate(requests_total[5m]))",
        "temperature",
        """temperature{zone=~"z[1-3]", zone!="z2"}""",
        """count({__name__=~".+"})""",
        """requests_total{instance!~"host-0[0-3].*"}""",
        "max_over_time(temperature[30m])",
        """count by (zone) ({zone!=""})""",
        "changes(requests_total[1h])",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-interop-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Queries_AreAnsweredAlike_OverBlocksWithTombstones()
    {
        Peers.Require();
        var data = Path.Combine(_folder, "prometheus");
        await WriteBlocksAsync(data);
        var (prometheus, address) = await PrometheusServer.StartAsync(
            Peers.Prometheus, data, config: "", "--web.enable-admin-api");
        await using var closing = prometheus;
        await DeleteAsync(address, """temperature{zone=~"z[34]"}""", StartSeconds + 5000, StartSeconds + 15_000);
        await DeleteAsync(address, """requests_total{code="404"}""", StartSeconds, EndSeconds);

        var copy = Path.Combine(_folder, "promhost");
        CopyBlocks(data, copy);
        var (promHost, promHostAddress) = await RunningProgram.StartPromHostAsync(
            copy, flags: "--storage.tsdb.retention.time=100y");
        await using var _ = promHost;
        foreach (var query in Queries)
        {
            foreach (var (path, form) in Forms(query))
            {
                var expected = Answer.Parse(await AskAsync(address, path, form));
                var actual = Answer.Parse(await AskAsync(promHostAddress, path, form));
                expected.IsEmpty.Should().BeFalse($"{path} {query} {string.Join(" ", form)}");
                actual.Differences(expected, ordered: false).Should().BeEmpty($"{path} {query}");
            }
        }
    }

    private static IEnumerable<(string Path, Dictionary<string, string> Form)> Forms(string query)
    {
        yield return ("/api/v1/query_range", Form(query, ("start", StartSeconds), ("end", EndSeconds), ("step", 60)));
        // Prometheus 3.5 panics where a query ends within a chunk of a series of which an earlier part is deleted.
        if (!query.Contains("requests_total", StringComparison.Ordinal)) yield break;
        foreach (var time in new[] { StartSeconds + 3600, StartSeconds + 7200, StartSeconds + 16_000 })
            yield return ("/api/v1/query", Form(query, ("time", time)));
    }

    private static Dictionary<string, string> Form(string query, params (string Name, long Value)[] numbers)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["query"] = query };
        foreach (var (name, value) in numbers) form[name] = value.ToString(CultureInfo.InvariantCulture);
        return form;
    }

    private static async Task<string> AskAsync(Uri server, string path, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        using var response = await Polling.Http.PostAsync(new Uri(server, path), content);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task DeleteAsync(Uri server, string selector, long start, long end)
    {
        var form = Form("", ("start", start), ("end", end));
        form["match[]"] = selector;
        using var content = new FormUrlEncodedContent(form);
        using var response = await Polling.Http.PostAsync(
            new Uri(server, "/api/v1/admin/tsdb/delete_series"), content);
        response.IsSuccessStatusCode.Should().BeTrue();
    }

    private static void CopyBlocks(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(from, file);
            if (!relative.StartsWith("01", StringComparison.Ordinal)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, relative))!);
            File.Copy(file, Path.Combine(to, relative));
        }
    }

    private async Task WriteBlocksAsync(string data)
    {
        var text = new StringBuilder("# TYPE requests counter\n");
        for (var series = 0; series < 60; series++)
        {
            for (var t = StartSeconds; t < EndSeconds; t += 30)
            {
                text.Append(CultureInfo.InvariantCulture, $"requests_total{{instance=\"host-{series:D3}\",");
                text.Append(CultureInfo.InvariantCulture, $"code=\"{(series % 3 == 0 ? "404" : "200")}\"}} ");
                text.Append(CultureInfo.InvariantCulture, $"{(t - StartSeconds) * series % 9001} {t}\n");
            }
        }

        text.Append("# TYPE temperature gauge\n");
        for (var zone = 0; zone < 5; zone++)
        {
            for (var t = StartSeconds; t < EndSeconds; t += 20)
            {
                text.Append(CultureInfo.InvariantCulture, $"temperature{{zone=\"z{zone}\"}} ");
                text.Append(CultureInfo.InvariantCulture, $"{Math.Sin((t / 900.0) + zone):R} {t}\n");
            }
        }

        text.Append("# EOF\n");
        var file = Path.Combine(_folder, "input.om");
        await File.WriteAllTextAsync(file, text.ToString(), TestContext.Current.CancellationToken);
        await using var promtool = RunningProgram.Start(
            Peers.Promtool, "tsdb", "create-blocks-from", "openmetrics", file, data);
        (await promtool.WaitForExitAsync()).Should().Be(0, promtool.Output);
    }
}

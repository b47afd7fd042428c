using System.Globalization;
using System.Text.Json;
using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;
using PromHost.Tsdb;
using PromHost.Tsdb.Tests;

namespace PromHost.Interop.Tests;

/// <summary>
/// A block in which chunks of series overlap, do not ascend, or lie outside of it is read here and by Prometheus.
/// </summary>
public class ForeignBlockInteropTests
{
    private const long HourMs = 3_600_000;
    private const long Start = 472_222 * HourMs;
    private const long End = Start + (2 * HourMs);
    private const long StepMs = 15_000;

    [Fact]
    public async Task Queries_AreAnsweredAsByPrometheus_WhereItReadsTheBlockInOrder()
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-foreign-").FullName;
        try
        {
            var ours = Path.Combine(folder, "ours");
            WriteUnordered(ours);
            PrometheusReader.Copy(ours, Path.Combine(folder, "theirs"));
            var (prometheus, theirs) = await PrometheusServer.StartAsync(
                Peers.Prometheus, Path.Combine(folder, "theirs"), "");
            await using var closing = prometheus;
            var (promHost, address) = await StartAsync(ours);
            await using var closingOurs = promHost;
            foreach (var query in (string[])["m", "count_over_time(m[5m])", "sum_over_time(m[7m])", "rate(m[3m])"])
            {
                for (var time = Start - (10 * 60_000); time < End + (15 * 60_000); time += 97_000)
                {
                    (await AskAsync(address, query, time)).Should().Be(
                        await AskAsync(theirs, query, time), $"{query} at {time - Start}");
                }
            }

            (await AskAsync(address, "count_over_time(m[2h])", End)).Should().NotBeEmpty();
            await promHost.KillAsync();
            var report = DataVerification.Run(ours, null, TestContext.Current.CancellationToken);
            // Of this one no query sees all, there as here.
            report.Problems.Should().ContainSingle().Which.Message.Should().Contain("the index says");
            report.NoteCount.Should().Be(2);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Compaction_MakesTheSameOfOverlappingChunks_AsThatOfPrometheus()
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-foreign-").FullName;
        try
        {
            var ours = Path.Combine(folder, "ours");
            var theirs = Path.Combine(folder, "theirs");
            WriteOverlapping(ours);
            PrometheusReader.Copy(ours, theirs);
            var names = Blocks(ours);
            var (prometheus, theirAddress) = await PrometheusServer.StartAsync(Peers.Prometheus, theirs, "");
            await using var closing = prometheus;
            var (promHost, address) = await StartAsync(ours);
            await using var closingOurs = promHost;
            const string Query = "{__name__=\"m\"}[3h]";
            var before = await AskAsync(address, Query, End);

            // A head that is to be compacted begins a round; overlapping blocks are merged in it.
            foreach (var (server, data) in new[] { (theirAddress, theirs), (address, ours) })
            {
                foreach (var time in (long[])[End + HourMs, End + (5 * HourMs)])
                {
                    using var content = WriteRequests.Content("head", [("1", time, 1)]);
                    using var response = await Polling.Http.PostAsync(
                        new Uri(server, "/api/v1/write"), content, TestContext.Current.CancellationToken);
                    response.EnsureSuccessStatusCode();
                }

                await Polling.UntilAsync(
                    "the blocks are merged", () => Task.FromResult(!Blocks(data).Exists(names.Contains)));
            }

            (await AskAsync(address, Query, End)).Should().Be(before);
            (await AskAsync(theirAddress, Query, End)).Should().Be(before);
            await promHost.KillAsync();
            var report = DataVerification.Run(ours, null, TestContext.Current.CancellationToken);
            report.Notes.Should().BeEmpty();
            report.Problems.Should().BeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<(RunningProgram Program, Uri Address)> StartAsync(string data) =>
        RunningProgram.StartPromHostAsync(data, 0, "--storage.tsdb.retention.time=100y");

    private static List<string> Blocks(string data) =>
    [
        .. Directory.EnumerateDirectories(data).Select(path => Path.GetFileName(path))
            .Where(name => Ulid.TryParse(name, out _)),
    ];

    private static async Task<string> AskAsync(Uri address, string query, long timeMs)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["query"] = query,
            ["time"] = (timeMs / 1000.0).ToString(CultureInfo.InvariantCulture),
        };
        using var content = new FormUrlEncodedContent(form);
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/query"), content);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        return string.Join(
            ' ',
            json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(one =>
                one.GetProperty("metric").GetProperty("kind").GetString() + "=" +
                (one.TryGetProperty("value", out var value) ? value : one.GetProperty("values")))
                .Order(StringComparer.Ordinal));
    }

    private static void WriteUnordered(string data)
    {
        Directory.CreateDirectory(data);
        ForeignBlock.Write(
            new DataDirectory(data),
            new TimeInterval(Start, End),
            (Series("backwards"), [Chunk(Start + HourMs, 100), Chunk(Start, 100)]),
            (Series("narrow"), [Chunk(Start, 120) with { MinTimeMs = Start + 300_000, MaxTimeMs = Start + 900_000 }]),
            (Series("ordered"), [Chunk(Start, 120), Chunk(Start + (120 * StepMs), 120)]),
            (Series("outside"), [Chunk(Start + HourMs, 110), Chunk(End - 30_000, 100)]));
    }

    // Two blocks; in the first one the chunks of the series overlap.
    private static void WriteOverlapping(string data)
    {
        Directory.CreateDirectory(data);
        var other = Chunk(Start + 3000, 200);
        ForeignBlock.Write(
            new DataDirectory(data),
            new TimeInterval(Start, End),
            (Series("interleaved"), [Chunk(Start, 100), Chunk(Start + 120_000 + 7000, 100)]),
            (Series("twice"), [Chunk(Start, 120), Chunk(Start, 120)]));
        ForeignBlock.Write(
            new DataDirectory(data),
            new TimeInterval(Start, End),
            (Series("interleaved"), [other]),
            (Series("twice"), [other]));
    }

    private static Labels Series(string kind) => Labels.FromPairs([(Labels.MetricName, "m"), ("kind", kind)]);

    private static EncodedChunk Chunk(long fromMs, int count)
    {
        var buffer = new byte[64 + (count * XorChunkEncoder.MaxSampleBytes)];
        var encoder = XorChunkEncoder.Start(buffer);
        for (var i = 0; i < count; i++)
            encoder.Append(buffer, fromMs + (i * StepMs), (fromMs - Start + (i * StepMs)) / 1000.0);
        return new EncodedChunk(
            fromMs, fromMs + ((count - 1) * StepMs), ChunkEncoding.Xor, buffer.AsMemory(0, encoder.LengthBytes));
    }
}

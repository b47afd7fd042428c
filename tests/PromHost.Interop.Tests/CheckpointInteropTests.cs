using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Tsdb;

namespace PromHost.Interop.Tests;

/// <summary>Prometheus reads a log that PromHost made shorter.</summary>
public class CheckpointInteropTests
{
    private const long Start = 1_700_000_000_000;

    [Fact]
    public async Task Prometheus_ReadsACheckpoint_WithoutAComplaint()
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-checkpoint-").FullName;
        try
        {
            var cut = await WriteAsync(folder);

            PrometheusReader.Complaints(await PrometheusReader.OpenAsync(folder)).Should().BeEmpty();
            var dump = await PrometheusReader.DumpAsync(folder);

            dump.Should().HaveCount(60);
            foreach (var (series, samples) in dump)
            {
                var i = int.Parse(series.Split("i=\"")[1].Split('"')[0], CultureInfo.InvariantCulture);
                var wanted = Enumerable.Range(0, 600).Where(round => round >= i * 10).Select(TimeOf)
                    .Where(time => time >= cut);
                samples.Where(sample => sample.TimeMs >= cut).Select(sample => sample.TimeMs).Should().Equal(wanted);
                samples.Should().OnlyContain(sample => sample.Value == $"{i}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // New series all the time; the log is cut again and again. Left as a kill leaves it.
    private static async Task<long> WriteAsync(string folder)
    {
        var options = new DatabaseOptions { DataPath = folder, WalSegmentBytes = 64 * 1024 };
        var database = Database.Open(options, NullLogger.Instance, TimeProvider.System);
        await using (database)
        {
            await database.ReplayAsync();
            var token = TestContext.Current.CancellationToken;
            for (var round = 0; round < 600; round++)
            {
                using var appender = database.CreateAppender();
                for (var i = 0; i <= round / 10; i++)
                {
                    var labels = Labels.FromPairs(
                        (Labels.MetricName, "m"), ("i", i.ToString(CultureInfo.InvariantCulture)));
                    appender.Append(appender.GetOrAddSeries(labels, []), [new FloatSample(TimeOf(round), i)]);
                }

                await appender.CommitAsync(token);
                if (round % 30 == 29) await database.TruncateWalAsync(TimeOf(round - 100), token);
            }

            database.WalTruncation.Begun.Should().BeGreaterThan(5);
            return TimeOf(599 - 100);
        }
    }

    private static long TimeOf(int round) => Start + (round * 15_000L);
}

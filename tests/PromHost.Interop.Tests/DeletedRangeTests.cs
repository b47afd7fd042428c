using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>
/// Samples that are sent again into a range of the head that was deleted, here and to Prometheus: by the same requests.
/// </summary>
public class DeletedRangeTests
{
    private const string Metric = "sent_again";
    private const long HourMs = 3_600_000;
    private const long Start = 480_000 * HourMs;
    private const string Window = "storage:\n  tsdb:\n    out_of_order_time_window: 3h\n";

    private const string Sent = "0=1 10=1 15=2 20=1 30=1 40=1 50=1";
    private const string Deleted = "0=1 40=1 50=1";

    [Fact]
    public async Task SamplesSentAgain_AreThereAtOnce_WherePrometheusHidesThemUntilItCompacts()
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-deleted-").FullName;
        try
        {
            var ours = await TellAsync(
                Path.Combine(folder, "ours"),
                data => RunningProgram.StartPromHostAsync(
                    data, 0, "--storage.tsdb.retention.time=100y", "--web.enable-admin-api"));
            const string Again = "0=1 10=3 12=3 15=3 30=1 40=1 50=1";
            const string Another = "0=1 10=3 12=3 15=3 17=4 30=1 40=1 50=1";
            const string Compacted = Another + " 70=5 300=5 360=5";
            ours.Should().Equal(Sent, Deleted, Again, Again, Another, Compacted, Compacted);

            var theirs = await TellAsync(
                Path.Combine(folder, "theirs"),
                data => PrometheusServer.StartAsync(Peers.Prometheus, data, Window, "--web.enable-admin-api"));
            // The late sample of minute 15 that was deleted is back.
            const string Back = "0=1 10=3 12=3 15=2 17=4 30=1 40=1 50=1 70=5 300=5 360=5";
            theirs.Should().Equal(Sent, Deleted, Deleted, Deleted, Deleted, Back, Back);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What is there after each step.
    private static async Task<List<string>> TellAsync(
        string data, Func<string, Task<(RunningProgram Program, Uri Address)>> startAsync)
    {
        var seen = new List<string>();
        var (program, address) = await startAsync(data);
        await using (program)
        {
            for (var minute = 0; minute < 60; minute += 10) await SendAsync(address, minute, 1);
            await SendAsync(address, 15, 2);
            seen.Add(await AskAsync(address));
            await DeleteAsync(address, 5, 35);
            seen.Add(await AskAsync(address));
            await SendAsync(address, 10, 3);
            await SendAsync(address, 12, 3);
            await SendAsync(address, 15, 3);
            await SendAsync(address, 30, 1);
            seen.Add(await AskAsync(address));
            await program.KillAsync();
        }

        (program, address) = await startAsync(data);
        await using (program)
        {
            seen.Add(await AskAsync(address));
            await SendAsync(address, 17, 4);
            seen.Add(await AskAsync(address));
            foreach (var minute in new[] { 70, 60 * 5, 60 * 6 }) await SendAsync(address, minute, 5);
            await Polling.UntilAsync("late samples are in a block", async () =>
                Blocks(data) > 0 && (await AskAsync(address)).Contains("17=4", StringComparison.Ordinal));
            seen.Add(await AskAsync(address));
            await program.KillAsync();
        }

        (program, address) = await startAsync(data);
        await using (program) seen.Add(await AskAsync(address));
        return seen;
    }

    private static int Blocks(string data) =>
        Directory.EnumerateDirectories(data, "0*").Count(path => !path.Contains(".tmp", StringComparison.Ordinal));

    private static async Task SendAsync(Uri address, int minute, double value)
    {
        using var content = WriteRequests.Content(Metric, [("a", Start + (minute * 60_000L), value)]);
        using var response = await Polling.Http.PostAsync(
            new Uri(address, "/api/v1/write"), content, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private static async Task DeleteAsync(Uri address, int fromMinute, int toMinute)
    {
        var (from, to) = ((Start / 1000) + (fromMinute * 60), (Start / 1000) + (toMinute * 60));
        using var response = await Polling.Http.PostAsync(
            new Uri(address, $"/api/v1/admin/tsdb/delete_series?match[]={Metric}&start={from}&end={to}"), null,
            TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }

    // Minutes and values.
    private static async Task<string> AskAsync(Uri address)
    {
        var stored = await StoredSeries.ReadAsync(address, Metric, (Start + (10 * HourMs)) / 1000, "20h");
        return string.Join(
            ' ',
            stored.OrderBy(sample => sample.Key.TimeMs).Select(sample => string.Create(
                CultureInfo.InvariantCulture, $"{(sample.Key.TimeMs - Start) / 60_000}={sample.Value}")));
    }
}

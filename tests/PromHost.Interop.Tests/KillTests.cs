using System.Globalization;
using System.Text.Json;

namespace PromHost.Interop.Tests;

/// <summary>
/// SIGKILL at random moments under load: nothing acknowledged is missing afterwards, and nothing is there that was
/// never offered. <c>PROMHOST_KILLS</c> sets how often (default 3; the nightly run takes 20).
/// </summary>
public class KillTests
{
    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("PROMHOST_KILLS"), NumberStyles.None,
        CultureInfo.InvariantCulture, out var kills) ? kills : 3;

    [Fact]
    public async Task AcknowledgedSamples_SurviveSigkill()
    {
        var folder = Directory.CreateTempSubdirectory("promhost-kill-").FullName;
        var random = new Random(20);
        var cancellation = TestContext.Current.CancellationToken;
        SampleSender[] senders = [new(1), new(2), new(3), new(4)];
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                var (program, address) = await RunningProgram.StartPromHostAsync(folder);
                await using (program)
                {
                    await CheckAsync(address, senders, kill);
                    using var http = new HttpClient();
                    var load = Task.WhenAll(senders.Select(sender => sender.SendAsync(http, address)));
                    // The moment of the kill is what is random here; nothing waits for it.
                    await Task.WhenAny(load, Task.Delay(random.Next(100, 1500), cancellation));
                    await program.KillAsync();
                    await load;
                }
            }

            var (last, lastAddress) = await RunningProgram.StartPromHostAsync(folder);
            await using (last) await CheckAsync(lastAddress, senders, Kills);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CheckAsync(Uri address, SampleSender[] senders, int kill)
    {
        var acknowledged = senders.SelectMany(sender => sender.Acknowledged).ToHashSet();
        var offered = senders.SelectMany(sender => sender.Offered).ToHashSet();
        var stored = await StoredAsync(address);

        acknowledged.Except(stored.Keys).Should().BeEmpty($"nothing acknowledged may be lost by kill {kill}");
        stored.Keys.Except(offered).Should().BeEmpty("what is stored was offered");
        stored.Where(s => s.Value != SampleSender.ValueOf(s.Key.Series, s.Key.TimeMs)).Should().BeEmpty();
    }

    private static async Task<Dictionary<(string Series, long TimeMs), double>> StoredAsync(Uri address)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["query"] = "kill_test[1d]",
            ["time"] = "1700086000",
        };
        using var content = new FormUrlEncodedContent(form);
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/query"), content);
        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        var stored = new Dictionary<(string, long), double>();
        foreach (var series in json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var name = series.GetProperty("metric").GetProperty("series").GetString()!;
            foreach (var point in series.GetProperty("values").EnumerateArray())
            {
                var timeMs = (long)Math.Round(point[0].GetDouble() * 1000);
                stored.Add((name, timeMs), double.Parse(point[1].GetString()!, CultureInfo.InvariantCulture));
            }
        }

        return stored;
    }
}

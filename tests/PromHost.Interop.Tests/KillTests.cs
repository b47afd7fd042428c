using System.Globalization;

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
        SampleSender[] senders = [new(1), new(2), new(3, latenessMs: 600_500), new(4, latenessMs: 7_200_500)];
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
        var stored = await StoredSeries.ReadAsync(address, "kill_test", 1_700_070_000);

        acknowledged.Except(stored.Keys).Should().BeEmpty($"nothing acknowledged may be lost by kill {kill}");
        stored.Keys.Except(offered).Should().BeEmpty("what is stored was offered");
        stored.Where(s => s.Value != SampleSender.ValueOf(s.Key.Series, s.Key.TimeMs)).Should().BeEmpty();
    }
}

using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>Starts a real Prometheus as a server that takes remote writes.</summary>
internal static partial class PrometheusServer
{
    /// <summary>Starts it on a data directory and waits until it is ready.</summary>
    /// <param name="binary">Which Prometheus: of <see cref="Peers"/>.</param>
    /// <param name="dataPath">The data directory; the configuration is written beside it.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="flags">More flags.</param>
    public static async Task<(RunningProgram Program, Uri Address)> StartAsync(
        string binary, string dataPath, string config, params IEnumerable<string> flags)
    {
        var file = dataPath.TrimEnd('/') + ".yml";
        await File.WriteAllTextAsync(file, config);
        var program = RunningProgram.Start(binary,
            [
                $"--config.file={file}", $"--storage.tsdb.path={dataPath}", "--storage.tsdb.retention.time=100y",
                "--web.enable-remote-write-receiver", "--web.listen-address=127.0.0.1:0", .. flags,
            ]);
        var address = new Uri($"http://{(await program.WaitForAsync(ListeningOn())).Groups["address"].Value}");
        await Polling.UntilAsync("Prometheus is ready", async () =>
            (await Polling.Http.GetAsync(new Uri(address, "/-/ready"))).IsSuccessStatusCode);
        return (program, address);
    }

    [GeneratedRegex(@"msg=""?Listening on""?.*address=(?<address>[\d.:]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListeningOn();
}

using System.Diagnostics;
using System.Globalization;

namespace PromHost.LoadTest;

/// <summary>Pushes files of requests to a target, from a process of its own.</summary>
internal sealed class PushClient(Target target, IReadOnlyList<string> paths)
{
    /// <summary>Told now and then how many samples have been pushed.</summary>
    public Action<long> Progress { get; init; } = _ => { };

    /// <summary>Pushes. The CPU time and memory of the client are not the server's: it is another process.</summary>
    /// <param name="skip">Samples of each file to pass over first.</param>
    /// <param name="max">Samples of each file after which to stop.</param>
    /// <param name="stop">Ends the client.</param>
    /// <returns>What was pushed; zeros when it was stopped.</returns>
    public async Task<(long Samples, double Seconds, long Refused)> PushAsync(
        long skip, long max, CancellationToken stop)
    {
        var assembly = typeof(PushClient).Assembly.Location;
        string[] arguments =
        [
            assembly, "push", "--url", new Uri(target.Url, "/api/v1/write").ToString(),
            .. paths.SelectMany(path => new[] { "--file", path }),
            "--skip", skip.ToString(CultureInfo.InvariantCulture), "--max", max.ToString(CultureInfo.InvariantCulture),
        ];
        using var client = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        await using var killed = stop.Register(client.Kill);
        var output = "";
        while (await client.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            output = line;
            if (long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pushed)) Progress(pushed);
        }

        await client.WaitForExitAsync(CancellationToken.None);
        if (stop.IsCancellationRequested || (stop.CanBeCanceled && client.ExitCode != 0)) return default;
        if (client.ExitCode != 0) throw new InvalidOperationException($"{target.Name} ended while it was written to");
        var parts = output.Split(' ', StringSplitOptions.TrimEntries);
        return (long.Parse(parts[0], CultureInfo.InvariantCulture),
            double.Parse(parts[1], CultureInfo.InvariantCulture),
            long.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}

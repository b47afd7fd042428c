using System.Runtime.InteropServices;

namespace PromHost.Server;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class ServerProgram
{
    /// <summary>Starts, waits for SIGTERM or SIGINT, stops.</summary>
    /// <returns>The exit code: 0, or 1 when it could not start.</returns>
    public static async Task<int> RunAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext signal)
        {
            // Not the runtime's own end of the process: the storage is closed first.
            signal.Cancel = true;
            stop.TrySetResult();
        }

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var registration = cancellationToken.Register(() => stop.TrySetResult());
        try
        {
            await using var server = await PromHostServer.StartAsync(options, CancellationToken.None);
            // Prometheus reloads; the runtime would end the process.
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                server.Reload();
            });
            WriteGreeting(server, options);
            // A storage that cannot be opened ends the server, as it ends Prometheus.
            var first = await Task.WhenAny(stop.Task, server.Failure);
            if (first == stop.Task) return 0;
            await Console.Error.WriteLineAsync($"promhost: {(await server.Failure).Message}");
            return 1;
        }
        catch (Exception e) when (e is ConfigException or IOException or UnauthorizedAccessException
            or System.Net.Sockets.SocketException)
        {
            await Console.Error.WriteLineAsync($"promhost: {e.Message}");
            return 1;
        }
    }

    private static void WriteGreeting(PromHostServer server, ServerOptions options)
    {
        // Who starts it without a terminal and with fewer log lines does not want to be greeted.
        if (options.LogLevel > LogLevel.Information) return;
        var places = server.Addresses.Select(uri => uri.ToString().TrimEnd('/')).ToList();
        var address = places[0].Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .Replace("[::]", "localhost", StringComparison.Ordinal);
        Console.WriteLine($"""

            PromHost listens on {string.Join(", ", places)}; data in {Path.GetFullPath(options.Storage.DataPath)}

            What to do next:
              write    remote_write:
                         - url: {address}/api/v1/write
              ask      curl '{address}/api/v1/query?query=up'
              see      Grafana: add a Prometheus data source with the URL {address}

            """);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PromHost.LoadTest;

/// <summary>
/// A server under test: either running already (<c>NAME=URL,PID</c>), or a command that the load test starts, kills and
/// starts again (<c>NAME=COMMAND</c> with <c>{port}</c> and <c>{dir}</c> in it).
/// </summary>
internal sealed class Target : IDisposable
{
    private readonly string[]? _command;
    private Process? _process;

    private Target(string name, Uri url, int processId, string[]? command, string? folder)
    {
        Name = name;
        Url = url;
        ProcessId = processId;
        Folder = folder;
        _command = command;
    }

    public string Name { get; }

    public Uri Url { get; }

    public int ProcessId { get; private set; }

    /// <summary>Its data directory, when the load test started it.</summary>
    public string? Folder { get; }

    public bool CanRestart => _command is not null;

    public static Target Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new ArgumentException($"a target is NAME=URL,PID or NAME=COMMAND: {text}");
        var name = text[..equals];
        var rest = text[(equals + 1)..];
        if (rest.StartsWith("http", StringComparison.Ordinal))
        {
            var comma = rest.LastIndexOf(',');
            return new Target(name, new Uri(rest[..comma]),
                int.Parse(rest[(comma + 1)..], CultureInfo.InvariantCulture), null, null);
        }

        var folder = Directory.CreateTempSubdirectory("promhost-load-").FullName;
        var port = FreePort();
        var command = rest.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{dir}", folder, StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        return new Target(name, url, 0, command, folder);
    }

    /// <summary>Starts the command, if there is one, and waits until the server answers a query.</summary>
    public async Task StartAsync(HttpClient http)
    {
        if (_command is not null)
        {
            _process = Process.Start(new ProcessStartInfo(_command[0], _command[1..])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            // What the server prints is read and dropped: a full pipe would block it.
            _process.OutputDataReceived += (_, _) => { };
            _process.ErrorDataReceived += (_, _) => { };
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
            ProcessId = _process.Id;
        }

        while (true)
        {
            if (_process is { HasExited: true }) throw new InvalidOperationException($"{Name} ended at its start");
            try
            {
                using var response = await http.GetAsync(new Uri(Url, "/api/v1/query?query=1"));
                if (response.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(20);
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Kill();
        if (Folder is not null) Directory.Delete(Folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>A program that a test started: its output so far, and its end.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _moreOutput = NewSignal();

    private RunningProgram(Process process) => _process = process;

    public string Output
    {
        get
        {
            lock (_lock) return string.Join('\n', _lines);
        }
    }

    public static RunningProgram Start(string file, params IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var program = new RunningProgram(new Process { StartInfo = info, EnableRaisingEvents = true });
        program._process.OutputDataReceived += (_, line) => program.Add(line.Data);
        program._process.ErrorDataReceived += (_, line) => program.Add(line.Data);
        program._process.Exited += (_, _) => program.Signal();
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Starts the server under test; its data survive in the folder.</summary>
    /// <param name="dataPath">The data directory.</param>
    /// <param name="port">The port of a server that ran before; 0 takes any free one.</param>
    /// <param name="flags">More flags.</param>
    public static async Task<(RunningProgram Program, Uri Address)> StartPromHostAsync(
        string dataPath, int port = 0, params IEnumerable<string> flags)
    {
        var program = StartPromHost(dataPath, port, flags);
        var match = await program.WaitForAsync(new Regex(@"http://127\.0\.0\.1:\d+", RegexOptions.None, Timeout));
        var address = new Uri(match.Value);
        await Polling.UntilAsync("PromHost is ready", async () =>
        {
            if (program._process.HasExited) throw new InvalidOperationException($"PromHost ended:\n{program.Output}");
            return (await Polling.Http.GetAsync(new Uri(address, "/-/ready"))).IsSuccessStatusCode;
        });
        return (program, address);
    }

    /// <summary>The same without waiting for it.</summary>
    public static RunningProgram StartPromHost(string dataPath, int port = 0, params IEnumerable<string> flags) =>
        PromHostProgram.Start(
            [$"--web.listen-address=127.0.0.1:{port}", $"--storage.tsdb.path={dataPath}", .. flags]);

    /// <summary>Waits for a line of output.</summary>
    public async Task<Match> WaitForAsync(Regex pattern)
    {
        var deadline = Task.Delay(TimeSpan.FromMinutes(1));
        while (true)
        {
            Task signal;
            lock (_lock)
            {
                foreach (var line in _lines)
                {
                    if (pattern.Match(line) is { Success: true } match) return match;
                }

                signal = _moreOutput.Task;
            }

            if (_process.HasExited || await Task.WhenAny(signal, deadline) == deadline)
                throw new InvalidOperationException($"{_process.StartInfo.FileName} never wrote {pattern}:\n{Output}");
        }
    }

    /// <summary>Waits for the end and gives the exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, then waits for the end.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: the program stands still until it is resumed or killed.</summary>
    public Task SuspendAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>SIGKILL: the program gets no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static TimeSpan Timeout => TimeSpan.FromSeconds(5);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(string? line)
    {
        if (line is null) return;
        lock (_lock) _lines.Add(line);
        Signal();
    }

    // Wakes those who wait for output: there is more, or there will be none.
    private void Signal()
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            signal = _moreOutput;
            _moreOutput = NewSignal();
        }

        signal.SetResult();
    }
}

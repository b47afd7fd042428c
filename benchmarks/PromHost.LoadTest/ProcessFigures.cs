using System.Globalization;

namespace PromHost.LoadTest;

/// <summary>Figures of a process, from <c>/proc</c>.</summary>
internal static class ProcessFigures
{
    // USER_HZ, which is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>CPU seconds used so far, user and system.</summary>
    public static double CpuSeconds(int processId)
    {
        var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) +
            long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>A line of <c>/proc/PID/status</c> in MiB, such as <c>VmRSS</c> or <c>RssAnon</c>.</summary>
    public static double MemoryMiB(int processId, string line)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status");
        var text = File.ReadLines(path).First(l => l.StartsWith(line + ":", StringComparison.Ordinal));
        var kib = text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kib, CultureInfo.InvariantCulture) / 1024.0;
    }

    /// <summary>Waits until a process has done nearly nothing for two seconds, at most two minutes.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="isBusy">Somebody else keeps it busy: waits ten seconds.</param>
    public static async Task SettleAsync(int processId, bool isBusy = false)
    {
        for (var i = 0; i < 60; i++)
        {
            if (isBusy && i == 5) return;
            var before = CpuSeconds(processId);
            await Task.Delay(TimeSpan.FromSeconds(2));
            if (CpuSeconds(processId) - before < 0.06) return;
        }
    }

    /// <summary>Bytes that a folder takes on the disk, in MiB.</summary>
    public static double DiskMiB(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 1048576.0;
}

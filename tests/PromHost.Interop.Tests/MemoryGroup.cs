using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>A control group of this machine that limits the memory of the programs in it; needs root.</summary>
internal sealed class MemoryGroup : IAsyncDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _folder;
    private readonly bool _isUnified;

    private MemoryGroup(string folder, bool isUnified)
    {
        _folder = folder;
        _isUnified = isUnified;
    }

    /// <summary>The most that the programs in it have used, in bytes, pages of files included.</summary>
    public long PeakBytes => ReadNumber(_isUnified ? "memory.peak" : "memory.max_usage_in_bytes");

    /// <summary>How often the kernel has killed a program in it because of memory.</summary>
    public int Kills
    {
        get
        {
            var lines = File.ReadAllLines(Path.Combine(_folder, _isUnified ? "memory.events" : "memory.oom_control"));
            var line = Array.Find(lines, static l => l.StartsWith("oom_kill ", StringComparison.Ordinal));
            return line is null ? 0 : int.Parse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Makes a group, or gives null where that is not allowed.</summary>
    public static MemoryGroup? TryCreate(long limitBytes)
    {
        var isUnified = File.Exists(Path.Combine(Root, "cgroup.controllers"));
        var folder = Path.Combine(isUnified ? Root : Path.Combine(Root, "memory"), "promhost-" + Guid.NewGuid());
        try
        {
            Directory.CreateDirectory(folder);
            var group = new MemoryGroup(folder, isUnified);
            var limit = Path.Combine(folder, isUnified ? "memory.max" : "memory.limit_in_bytes");
            File.WriteAllText(limit, limitBytes.ToString(CultureInfo.InvariantCulture));
            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(folder)) Directory.Delete(folder);
            return null;
        }
    }

    /// <summary>A command line that runs a program inside of the group.</summary>
    public string[] CommandOf(params IEnumerable<string> command) =>
        ["-c", $"echo $$ > {_folder}/cgroup.procs && exec \"$@\"", "sh", .. command];

    public async ValueTask DisposeAsync()
    {
        // Programs that were killed leave it a little later.
        await Polling.UntilAsync("the control group is empty", () =>
            Task.FromResult(File.ReadAllText(Path.Combine(_folder, "cgroup.procs")).Trim().Length == 0));
        Directory.Delete(_folder);
    }

    private long ReadNumber(string name)
    {
        var path = Path.Combine(_folder, name);
        return File.Exists(path) ? long.Parse(File.ReadAllText(path).AsSpan().Trim(), CultureInfo.InvariantCulture) : 0;
    }
}

using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>A folder that is a file system of its own; unmounted and gone at the end.</summary>
internal sealed class MountedFolder : IAsyncDisposable
{
    private readonly string _folder;

    private MountedFolder(string folder) => _folder = folder;

    public string Path => _folder;

    /// <summary>Bytes that can still be written.</summary>
    public long FreeBytes => new DriveInfo(_folder).AvailableFreeSpace;

    /// <summary>A small disk in memory; the test is skipped by name where mounting is not allowed.</summary>
    public static Task<MountedFolder> CreateDiskAsync(long sizeBytes) => MountAsync(
        "-t", "tmpfs", "-o", $"size={sizeBytes.ToString(CultureInfo.InvariantCulture)}", "tmpfs");

    /// <summary>Another folder's content that cannot be changed.</summary>
    public static async Task<MountedFolder> CreateReadOnlyAsync(string content)
    {
        var mounted = await MountAsync("--bind", content);
        await RunAsync("mount", "-o", "remount,bind,ro", mounted.Path);
        return mounted;
    }

    /// <summary>Takes all room but some; nothing where less is left.</summary>
    /// <param name="name">The file that takes it, or takes more.</param>
    /// <param name="leftBytes">What is left, within a page.</param>
    public void Fill(string name, long leftBytes)
    {
        using var file = new FileStream(
            System.IO.Path.Combine(_folder, name), FileMode.Append, FileAccess.Write, FileShare.None, 1);
        var zeros = new byte[64 * 1024];
        while (FreeBytes - leftBytes is > 0 and var missing)
            file.Write(zeros.AsSpan(0, (int)Math.Min(zeros.Length, missing)));
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", _folder);
        Directory.Delete(_folder);
    }

    private static async Task<MountedFolder> MountAsync(params IEnumerable<string> arguments)
    {
        var folder = Directory.CreateTempSubdirectory("promhost-mount-").FullName;
        await using var mount = RunningProgram.Start("mount", [.. arguments, folder]);
        if (await mount.WaitForExitAsync() == 0) return new MountedFolder(folder);
        Directory.Delete(folder);
        Assert.Skip("file systems cannot be mounted here: " + mount.Output);
        throw new InvalidOperationException(mount.Output);
    }

    private static async Task RunAsync(string program, params IEnumerable<string> arguments)
    {
        await using var running = RunningProgram.Start(program, arguments);
        (await running.WaitForExitAsync()).Should().Be(0, running.Output);
    }
}

using System.Security.Cryptography;

namespace PromHost.Interop.Tests;

/// <summary>PromHost does not start on a data directory that it cannot have, says so and changes nothing.</summary>
public sealed class UnusableDirectoryTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("promhost-unusable-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Start_Fails_OnAReadOnlyDirectory()
    {
        await FillAsync();
        var before = Fingerprint();
        await using var mounted = await MountedFolder.CreateReadOnlyAsync(_data);

        var (exitCode, output) = await StartAsync(mounted.Path);

        exitCode.Should().NotBe(0);
        output.Should().Contain(mounted.Path).And.Contain("Read-only file system");
        output.Should().NotContain("   at ", "a stack trace helps nobody");
        Fingerprint().Should().Equal(before);
    }

    [Fact]
    public async Task Start_Fails_WhenTheDirectoryIsInUse()
    {
        var (first, address) = await RunningProgram.StartPromHostAsync(_data);
        await using (first)
        {
            var (exitCode, output) = await StartAsync(_data);

            exitCode.Should().NotBe(0);
            output.Should().Contain(_data).And.Contain("in use by another process").And.NotContain("   at ");
            using var ready = await Polling.Http.GetAsync(new Uri(address, "/-/ready"), Cancellation);
            ready.IsSuccessStatusCode.Should().BeTrue();
        }
    }

    [Fact]
    public async Task Start_Fails_WhenAFileIsInTheWay()
    {
        var path = Path.Combine(_data, "file");
        await File.WriteAllTextAsync(path, "mine", Cancellation);

        var (exitCode, output) = await StartAsync(path);

        exitCode.Should().NotBe(0);
        output.Should().Contain(path).And.NotContain("   at ");
        (await File.ReadAllTextAsync(path, Cancellation)).Should().Be("mine");
    }

    private static async Task<(int ExitCode, string Output)> StartAsync(string data)
    {
        await using var program = RunningProgram.StartPromHost(data);
        return (await program.WaitForExitAsync(), program.Output);
    }

    private static string Hash(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));

    private async Task FillAsync()
    {
        var (promHost, address) = await RunningProgram.StartPromHostAsync(_data);
        await using (promHost)
        {
            using var content = WriteRequests.Content("m", [("a", 1_700_000_000_000, 1)]);
            (await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content)).EnsureSuccessStatusCode();
            await promHost.KillAsync();
        }
    }

    private List<string> Fingerprint() =>
    [
        .. Directory.EnumerateFiles(_data, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {File.GetLastWriteTimeUtc(path):o} {Hash(path)}"),
    ];
}

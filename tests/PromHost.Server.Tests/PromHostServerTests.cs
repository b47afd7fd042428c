using System.Net;
using System.Net.Sockets;

namespace PromHost.Server.Tests;

public sealed class PromHostServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-server-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task StartAsync_Listens_BeforeAndAfterTheReplay()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await PromHostServer.StartAsync(Options(), cancellation);
        using var http = new HttpClient { BaseAddress = server.Addresses[0] };

        (await http.GetAsync(new Uri("/-/healthy", UriKind.Relative), cancellation)).StatusCode
            .Should().Be(HttpStatusCode.OK);
        await server.Ready;
        (await http.GetAsync(new Uri("/-/ready", UriKind.Relative), cancellation)).StatusCode
            .Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task StartAsync_Fails_WhenTheDirectoryIsLocked()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var first = await PromHostServer.StartAsync(Options(), cancellation);

        var act = () => PromHostServer.StartAsync(Options(), cancellation);

        (await act.Should().ThrowAsync<IOException>()).WithMessage("*in use by another process*");
    }

    [Fact]
    public async Task StartAsync_FailsAndLetsGoOfTheDirectory_WhenThePortIsTaken()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = Options() with { ListenAddresses = [other.LocalEndpoint.ToString()!] };

        var act = () => PromHostServer.StartAsync(taken, cancellation);

        (await act.Should().ThrowAsync<IOException>()).WithMessage("*address already in use*");
        await using var server = await PromHostServer.StartAsync(Options(), cancellation);
        await server.Ready;
    }

    [Fact]
    public async Task StartAsync_Fails_WhenTheConfigurationIsWrong()
    {
        var file = Path.Combine(_folder, "prometheus.yml");
        await File.WriteAllTextAsync(file, "nonsense: 1", TestContext.Current.CancellationToken);

        var act = () => PromHostServer.StartAsync(Options() with { ConfigFile = file });

        (await act.Should().ThrowAsync<ConfigException>()).WithMessage("*field nonsense not found*");
    }

    [Fact]
    public async Task DisposeAsync_EndsSoon_WhenASenderNeverSendsTheRest()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await using (var server = await PromHostServer.StartAsync(Options(), cancellation))
        {
            await server.Ready;
            var address = server.Addresses[0];
            await client.ConnectAsync(address.Host, address.Port, cancellation);
            await client.GetStream().WriteAsync(
                "POST /api/v1/write HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"u8
                    .ToArray(), cancellation);
            // It asks for the body: the request is being read.
            (await client.GetStream().ReadAsync(new byte[100], cancellation)).Should().BePositive();
        }

        await using var second = await PromHostServer.StartAsync(Options(), cancellation);
        await second.Ready;
    }

    private ServerOptions Options() => new()
    {
        Storage = new StorageOptions { DataPath = Path.Combine(_folder, "data") },
        ListenAddresses = ["127.0.0.1:0"],
    };
}

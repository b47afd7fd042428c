using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PromHost.PromQL;
using PromHost.Remote;
using PromHost.Storage;

namespace PromHost.Api.Tests;

/// <summary>The API on a real web server on a free port, over a storage in memory.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Meter _meter;
    private readonly StrongBox<CancellationToken> _lastAborted;

    private ApiServer(WebApplication app, Meter meter, Workspace workspace, MemoryStorage storage,
        StrongBox<CancellationToken> lastAborted)
    {
        _lastAborted = lastAborted;
        _app = app;
        _meter = meter;
        Workspace = workspace;
        Storage = storage;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient(new HttpClientHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
        })
        {
            BaseAddress = Address,
        };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public Workspace Workspace { get; }

    public MemoryStorage Storage { get; }

    /// <summary>Cancelled when the client of the newest request goes away.</summary>
    public CancellationToken LastAborted => _lastAborted.Value;

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ApiServer> StartAsync(
        MemoryStorage? storage = null, bool open = true, string prefix = "", ILoggerProvider? log = null,
        Func<ReplayStatus>? replay = null)
    {
        storage ??= new MemoryStorage();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.AddProvider(log);
        builder.WebHost.ConfigureKestrel(options =>
        {
            ApiKestrelLimits.Apply(options);
            options.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        var meter = new Meter("PromHost.Api.Tests." + Guid.NewGuid());
        var metrics = new MetricsCollector(accepted => ReferenceEquals(accepted, meter));
        var workspace = new Workspace
        {
            Name = "default",
            Build = new BuildInfo("3.14.0", "0.1.0", "main", "maintainers", "20260101-00:00:00", ".NET 10"),
            Meter = meter,
            Metrics = metrics,
            Flags = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["flag2"] = "value2",
                ["flag1"] = "value1",
            },
            ReplayStatus = replay ?? (() => default),
            RuntimeInfo = () => new RuntimeInfo { StartTime = DateTimeOffset.UnixEpoch, StorageRetention = "15d" },
        };
        var lastAborted = new StrongBox<CancellationToken>();
        app.Use((http, next) =>
        {
            lastAborted.Value = http.RequestAborted;
            return next(http);
        });
        app.MapGroup(prefix).MapWorkspace(workspace);
        if (open) workspace.Open(ServicesOver(storage, meter));
        await app.StartAsync(Token);
        return new ApiServer(app, meter, workspace, storage, lastAborted);
    }

    public static WorkspaceServices ServicesOver(MemoryStorage storage, Meter meter) => new()
    {
        Queries = storage,
        Engine = new QueryEngine(new QueryLimits(), new QueryFeatures { StepStatistics = true }, TimeProvider.System),
        Admin = storage,
        Metadata = storage,
        Exemplars = storage,
        Maintenance = storage,
        RemoteWrite = new RemoteWriteReceiver(storage, TimeProvider.System, new RemoteWriteLimits(), meter),
    };

    /// <summary>Asks and takes the answer apart as JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Json)> GetJsonAsync(string target)
    {
        using var response = await Client.GetAsync(target, Token);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!);
    }

    public async Task<string> GetTextAsync(string target)
    {
        using var response = await Client.GetAsync(target, Token);
        return await response.Content.ReadAsStringAsync(Token);
    }

    public async Task<(HttpStatusCode Status, string Text)> PostFormAsync(string target, string form)
    {
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await Client.PostAsync(target, content, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Sends bytes as they are and reads until the server closes; for what no client would send.</summary>
    public async Task<string> SendRawAsync(string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Address.Host, Address.Port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        Workspace.Services?.Engine.Dispose();
        Workspace.Metrics?.Dispose();
        _meter.Dispose();
    }
}

using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PromHost.Api;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace PromHost.Server;

/// <summary>
/// A running server: the web server and the root workspace. The port is open before the storage is; until the log is
/// replayed, requests are answered 503. Disposing stops taking requests, finishes the running ones, closes the storage.
/// </summary>
public sealed class PromHostServer : IAsyncDisposable
{
    /// <summary>The Prometheus version whose behaviour clients may expect.</summary>
    private const string CompatibleVersion = "3.14.0";

    // Senders repeat what was cut off; service managers kill what takes much longer.
    private static readonly TimeSpan RequestsGrace = TimeSpan.FromSeconds(5);

    private readonly WebApplication _web;
    private readonly Workspace _workspace;
    private readonly RootWorkspace _root;
    private readonly Serilog.Core.Logger _logger;
    private readonly Microsoft.Extensions.Logging.ILogger _log;

    private PromHostServer(WebApplication web, Workspace workspace, RootWorkspace root, Serilog.Core.Logger logger,
        Microsoft.Extensions.Logging.ILogger log)
    {
        _log = log;
        _web = web;
        _workspace = workspace;
        _root = root;
        _logger = logger;
    }

    /// <summary>Where it listens, with the ports that were really taken.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _web.Urls.Select(url => new Uri(url))];

    /// <summary>Completes when the storage is open and requests are answered.</summary>
    public Task Ready => _root.Ready;

    /// <summary>Completes with the reason when the storage cannot be opened; else never.</summary>
    public Task<Exception> Failure => _root.Failure;

    /// <summary>Starts the server; it listens when the task completes.</summary>
    /// <exception cref="IOException">The address is taken, or the data directory is locked or unreadable.</exception>
    public static async Task<PromHostServer> StartAsync(
        ServerOptions options, CancellationToken cancellationToken = default)
    {
        var config = options.ConfigFile is { } file ? ConfigLoader.LoadFile(file) : new PrometheusConfig();
        var serilog = CreateLogger(options);
        using var loggers = new SerilogLoggerFactory(serilog);
        var log = loggers.CreateLogger<PromHostServer>();
        WarnOfWhatIsIdle(log, options, config);

        var root = new RootWorkspace(options, config, loggers);
        var workspace = root.CreateWorkspace(BuildInfoOf());
        // Beside the start of the web server, which takes about as long as a short replay.
        root.OpenInBackground(workspace);
        WebApplication? web = null;
        try
        {
            web = Build(options, serilog);
            web.MapWorkspace(workspace);
            await web.StartAsync(cancellationToken);
        }
        catch
        {
            await root.DisposeAsync();
            if (web is not null) await web.DisposeAsync();
            throw;
        }

        foreach (var url in web.Urls) ServerLog.Listening(log, url);
        return new PromHostServer(web, workspace, root, serilog, log);
    }

    /// <summary>Told to read the configuration again, which it cannot yet: says so and goes on.</summary>
    public void Reload() => ServerLog.CannotReload(_log);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        ServerLog.Stopping(_log);
        _workspace.Stop();
        await StopWebAsync();
        await _root.DisposeAsync();
        await _web.DisposeAsync();
        ServerLog.Stopped(_log);
        await _logger.DisposeAsync();
    }

    private async Task StopWebAsync()
    {
        // Requests that run may finish; a client that does not send the rest of its own must not hold the process.
        using var patience = new CancellationTokenSource(RequestsGrace);
        await _web.StopAsync(patience.Token);
    }

    private static WebApplication Build(ServerOptions options, Serilog.Core.Logger serilog)
    {
        // Nothing is read from the environment, nor from settings files that would be watched: a server that is started
        // in the root directory would have all directories of the machine watched.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.AddSerilog(serilog));
        builder.WebHost.UseKestrelCore().UseSockets(ApiKestrelLimits.Apply).ConfigureKestrel(kestrel =>
        {
            ApiKestrelLimits.Apply(kestrel);
            foreach (var text in options.ListenAddresses) Listen(kestrel, text);
        });
        return builder.Build();
    }

    private static void Listen(KestrelServerOptions kestrel, string text)
    {
        if (!ListenAddress.TryParse(text, out var address, out var error)) throw new ConfigException(error!);
        foreach (var ip in address.Resolve()) kestrel.Listen(ip, address.Port);
    }

    private static Serilog.Core.Logger CreateLogger(ServerOptions options)
    {
        var level = LevelConvert.ToSerilogLevel(options.LogLevel);
        return new LoggerConfiguration()
            .MinimumLevel.Is(level)
            // The web server would log several lines per request.
            .MinimumLevel.Override("Microsoft", level > LogEventLevel.Warning ? level : LogEventLevel.Warning)
            // What it says of a failed start is told by the one who starts the server, in a line.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting", LogEventLevel.Fatal)
            .WriteTo.Console(new LogfmtFormatter(options.LogJson), standardErrorFromLevel: LogEventLevel.Verbose)
            .CreateLogger();
    }

    private static void WarnOfWhatIsIdle(Microsoft.Extensions.Logging.ILogger log, ServerOptions options,
        PrometheusConfig config)
    {
        foreach (var feature in options.UnknownFeatures) ServerLog.UnknownFeature(log, feature);
        foreach (var section in config.IdleSections) ServerLog.IdleSection(log, section);
    }

    private static BuildInfo BuildInfoOf()
    {
        var version = typeof(PromHostServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "0.0.0";
        return new BuildInfo(CompatibleVersion, $"promhost-{version}", "main", "", "",
            RuntimeInformation.FrameworkDescription);
    }
}

using System.Diagnostics.Metrics;
using PromHost.Api;
using PromHost.PromQL;
using PromHost.Remote;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>
/// Owns what the default workspace is made of: its database, its query engine, its receiver, its instruments.
/// </summary>
internal sealed class RootWorkspace : IAsyncDisposable
{
    private readonly ServerOptions _options;
    private readonly DatabaseOptions _storage;
    private readonly ILogger _log;
    private readonly DateTimeOffset _startTime = TimeProvider.System.GetUtcNow();
    private readonly Meter _meter = new("PromHost.Server");
    private readonly MetricsCollector _metrics = new();
    private readonly Database _database;
    private readonly QueryEngine _engine;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes the lock of the data directory; nothing is read yet.</summary>
    /// <exception cref="IOException">The directory is locked or cannot be made.</exception>
    /// <exception cref="ConfigException">Settings of the storage contradict each other.</exception>
    public RootWorkspace(ServerOptions options, PrometheusConfig config, ILoggerFactory loggers)
    {
        _options = options;
        _storage = DatabaseSettings.Make(options.Storage, config.Storage);
        _log = loggers.CreateLogger<RootWorkspace>();
        WarnOfStorage();
        _database = Database.Open(_storage, loggers.CreateLogger<Database>(), TimeProvider.System);
        _engine = new QueryEngine(
            options.QueryLimits with { DefaultSubqueryStep = config.EvaluationInterval },
            options.QueryFeatures, TimeProvider.System);
    }

    /// <summary>Completes when the storage is open and requests are answered.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes with the reason when the storage cannot be opened; else never.</summary>
    public Task<Exception> Failure => _failure.Task;

    /// <summary>What the routes are mapped for; it answers 503 until it is opened.</summary>
    public Workspace CreateWorkspace(BuildInfo build)
    {
        ProcessMetrics.Register(_meter, build, build.Revision);
        return new Workspace
        {
            Name = "default",
            Build = build,
            Meter = _meter,
            Metrics = _metrics,
            Flags = _options.Flags,
            ReplayStatus = _database.GetReplayStatus,
            Logger = _log,
            RuntimeInfo = () => new RuntimeInfo
            {
                StartTime = _startTime,
                LastConfigTime = _startTime,
                StorageRetention = DatabaseSettings.DescribeRetention(_storage),
            },
        };
    }

    /// <summary>Replays the log; then the workspace is open.</summary>
    public void OpenInBackground(Workspace workspace) => _ = OpenAsync(workspace);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _engine.Dispose();
        await _database.DisposeAsync();
        _metrics.Dispose();
        _meter.Dispose();
    }

    private void WarnOfStorage()
    {
        foreach (var feature in DatabaseSettings.NamesOfNewFormats(_storage)) ServerLog.NewFormat(_log, feature);
        if (_storage is { RetentionPercentage: > 0, RetentionBytes: > 0 }) ServerLog.RetentionSizeIgnored(_log);
    }

    private async Task OpenAsync(Workspace workspace)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            await _database.ReplayAsync();
            workspace.Open(new WorkspaceServices
            {
                Queries = _database,
                Engine = _engine,
                Admin = _database,
                Metadata = _database,
                Exemplars = _database,
                Maintenance = _options.EnableAdminApi ? _database : null,
                RemoteWrite = _options.RemoteWriteReceiver
                    ? new RemoteWriteReceiver(_database, TimeProvider.System, new RemoteWriteLimits(), _meter)
                    : null,
            });
            var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            var series = _database.GetHeadStatus().SeriesCount;
            ServerLog.Ready(_log, series, seconds);
            _ready.SetResult();
        }
        catch (OperationCanceledException)
        {
            // Closed before it was open: whoever closes it has said so.
        }
#pragma warning disable CA1031 // Whatever went wrong, the server has to say so and end.
        catch (Exception e)
#pragma warning restore CA1031
        {
            ServerLog.CannotOpen(_log, e.Message);
            _failure.SetResult(e);
        }
    }
}

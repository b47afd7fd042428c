using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PromHost.PromQL;

namespace PromHost.Server;

/// <summary>The command line of <c>promhost</c>, in Prometheus's spelling.</summary>
internal sealed class ServerCommand
{
    private readonly Option<string?> _configFile = new("--config.file")
    {
        Description = "Configuration file, in Prometheus's format. Without the flag, ./prometheus.yml where it exists.",
        HelpName = "FILE",
    };

    private readonly StorageFlags _storage = new();

    private readonly Option<string[]> _listen = new("--web.listen-address")
    {
        Description = "Where to listen, host:port; may be repeated. Port 0 takes any free port.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => ["0.0.0.0:9090"],
    };

    private readonly Option<string> _logLevel = FlagKinds.Choice("--log.level", "info",
        ["debug", "info", "warn", "error"], "Least severe level to log: debug, info, warn or error.");

    private readonly Option<string> _logFormat = FlagKinds.Choice("--log.format", "logfmt", ["logfmt", "json"],
        "Form of the log lines: logfmt or json.");

    private readonly Option<bool> _remoteWrite = new("--web.enable-remote-write-receiver")
    {
        Description = "Accept remote write at /api/v1/write. On unless --no-web.enable-remote-write-receiver is given.",
        DefaultValueFactory = _ => true,
    };

    private readonly Option<bool> _noRemoteWrite = new("--no-web.enable-remote-write-receiver")
    {
        Description = "Refuse remote write.",
    };

    private readonly Option<bool> _adminApi = FlagKinds.Switch("--web.enable-admin-api", false,
        "Answer /api/v1/admin/tsdb/: delete series, clean tombstones, make snapshots.");

    private readonly Option<string> _lookback = FlagKinds.Duration("--query.lookback-delta", "5m",
        "How far an instant selector looks back for a sample.");

    private readonly Option<string> _timeout = FlagKinds.Duration("--query.timeout", "2m", "How long a query may run.");

    private readonly Option<int> _concurrency = FlagKinds.Number("--query.max-concurrency", 20,
        "How many queries run at a time.");

    private readonly Option<int> _maxSamples = FlagKinds.Number("--query.max-samples", 50_000_000,
        "How many samples one query may hold in memory.");

    private readonly Option<string> _maxMemory = FlagKinds.Memory("--query.max-memory", "25%",
        "How much memory one query may hold: a size such as 512MB, or a share of what the process may use.");

    private readonly Option<string> _maxTotalMemory = FlagKinds.Memory("--query.max-total-memory", "50%",
        "How much memory all queries together may hold: a size, or a share of what the process may use.");

    private readonly Option<string[]> _features = new("--enable-feature")
    {
        Description = "Optional features by Prometheus's names, separated by commas; may be repeated.",
        HelpName = "NAMES",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Builds the root command.</summary>
    /// <param name="run">Runs the server; its result is the exit code.</param>
    public RootCommand Build(Func<ServerOptions, CancellationToken, Task<int>> run)
    {
        _listen.Validators.Add(ValidateAddresses);
        var command = new RootCommand(
            "PromHost, a Prometheus-compatible time series database. Starts without any configuration: data in " +
            "./data, port 9090, remote write accepted at /api/v1/write.");
        Option[] options =
        [
            _configFile, .. _storage.All, _listen, _logLevel, _logFormat, _remoteWrite, _noRemoteWrite, _adminApi,
            _lookback, _timeout, _concurrency, _maxSamples, _maxMemory, _maxTotalMemory, _features,
        ];
        foreach (var option in options) command.Add(option);
        command.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));
        return command;
    }

    private static void ValidateAddresses(OptionResult result)
    {
        foreach (var address in result.GetValueOrDefault<string[]>() ?? [])
        {
            if (!ListenAddress.TryParse(address, out _, out var error))
                result.AddError($"--web.listen-address: {error}");
        }
    }

    private ServerOptions Read(ParseResult result)
    {
        var features = result.GetRequiredValue(_features)
            .SelectMany(names => names.Split(','))
            .Select(name => name.Trim())
            .Where(name => name.Length > 0)
            .ToList();
        bool Has(string name) => features.Contains(name, StringComparer.Ordinal);
        return new ServerOptions
        {
            ConfigFile = result.GetValue(_configFile) ?? (File.Exists("prometheus.yml") ? "prometheus.yml" : null),
            Storage = _storage.Read(result) with
            {
                ExemplarStorage = Has(FeatureNames.ExemplarStorage),
                StoreStartTimestamps = Has(FeatureNames.StartTimestampStorage),
                Xor2Encoding = Has(FeatureNames.Xor2Encoding),
                HistogramStartTimestamps = Has(FeatureNames.HistogramStartTimestamps),
            },
            ListenAddresses = result.GetRequiredValue(_listen),
            LogLevel = result.GetRequiredValue(_logLevel) switch
            {
                "debug" => LogLevel.Debug,
                "warn" => LogLevel.Warning,
                "error" => LogLevel.Error,
                _ => LogLevel.Information,
            },
            LogJson = result.GetRequiredValue(_logFormat) is "json",
            RemoteWriteReceiver = result.GetValue(_remoteWrite) && !result.GetValue(_noRemoteWrite),
            EnableAdminApi = result.GetValue(_adminApi),
            QueryLimits = new QueryLimits
            {
                LookbackDelta = FlagKinds.ParseDuration(result.GetRequiredValue(_lookback)),
                Timeout = FlagKinds.ParseDuration(result.GetRequiredValue(_timeout)),
                MaxConcurrency = result.GetValue(_concurrency),
                MaxSamples = result.GetValue(_maxSamples),
                MaxMemoryBytes = FlagKinds.ParseMemory(
                    result.GetRequiredValue(_maxMemory), ProcessMemory.LimitBytes),
                MaxTotalMemoryBytes = FlagKinds.ParseMemory(
                    result.GetRequiredValue(_maxTotalMemory), ProcessMemory.LimitBytes),
            },
            QueryFeatures = new QueryFeatures
            {
                DelayedNameRemoval = Has(FeatureNames.DelayedNameRemoval),
                ExperimentalFunctions = Has(FeatureNames.ExperimentalFunctions),
                ExtendedRangeSelectors = Has(FeatureNames.ExtendedRangeSelectors),
                BinopFillModifiers = Has(FeatureNames.BinopFillModifiers),
                UseStartTimestamps = Has(FeatureNames.UseStartTimestamps),
                StepStatistics = Has(FeatureNames.StepStatistics),
                TypeAndUnitLabels = Has(FeatureNames.TypeAndUnitLabels),
            },
            UnknownFeatures = [.. features.Where(name => !FeatureNames.IsKnown(name))],
            Flags = ReadFlags(result, features),
        };
    }

    private Dictionary<string, string> ReadFlags(ParseResult result, List<string> features)
    {
        var remoteWrite = result.GetValue(_remoteWrite) && !result.GetValue(_noRemoteWrite);
        return new Dictionary<string, string>(_storage.Describe(result), StringComparer.Ordinal)
        {
            ["config.file"] = result.GetValue(_configFile) ?? "prometheus.yml",
            ["web.listen-address"] = string.Join(',', result.GetRequiredValue(_listen)),
            ["log.level"] = result.GetRequiredValue(_logLevel),
            ["log.format"] = result.GetRequiredValue(_logFormat),
            ["web.enable-remote-write-receiver"] = FlagKinds.Text(remoteWrite),
            ["web.enable-admin-api"] = FlagKinds.Text(result.GetValue(_adminApi)),
            ["query.lookback-delta"] = result.GetRequiredValue(_lookback),
            ["query.timeout"] = result.GetRequiredValue(_timeout),
            ["query.max-concurrency"] = result.GetValue(_concurrency).ToString(CultureInfo.InvariantCulture),
            ["query.max-samples"] = result.GetValue(_maxSamples).ToString(CultureInfo.InvariantCulture),
            ["query.max-memory"] = result.GetRequiredValue(_maxMemory),
            ["query.max-total-memory"] = result.GetRequiredValue(_maxTotalMemory),
            ["enable-feature"] = string.Join(',', features),
        };
    }
}

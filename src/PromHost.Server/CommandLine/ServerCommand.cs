using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PromHost.Model;
using PromHost.PromQL;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>The command line of <c>promhost</c>, in Prometheus's spelling.</summary>
internal sealed class ServerCommand
{
    private static readonly string[] LevelNames = ["debug", "info", "warn", "error"];

    private readonly Option<string?> _configFile = new("--config.file")
    {
        Description = "Configuration file, in Prometheus's format. Without the flag, ./prometheus.yml where it exists.",
        HelpName = "FILE",
    };

    private readonly Option<string> _dataPath = new("--storage.tsdb.path")
    {
        Description = "Directory of the data.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "data/",
    };

    private readonly Option<string> _retention = Duration("--storage.tsdb.retention.time", "15d",
        "How long samples are kept, such as 15d or 1y. Shown, but nothing is deleted yet.");

    private readonly Option<string[]> _listen = new("--web.listen-address")
    {
        Description = "Where to listen, host:port; may be repeated. Port 0 takes any free port.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => ["0.0.0.0:9090"],
    };

    private readonly Option<string> _logLevel = new("--log.level")
    {
        Description = "Least severe level to log: debug, info, warn or error.",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => "info",
    };

    private readonly Option<string> _logFormat = new("--log.format")
    {
        Description = "Form of the log lines: logfmt or json.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => "logfmt",
    };

    private readonly Option<bool> _remoteWrite = new("--web.enable-remote-write-receiver")
    {
        Description = "Accept remote write at /api/v1/write. On unless --no-web.enable-remote-write-receiver is given.",
        DefaultValueFactory = _ => true,
    };

    private readonly Option<bool> _noRemoteWrite = new("--no-web.enable-remote-write-receiver")
    {
        Description = "Refuse remote write.",
    };

    private readonly Option<string> _walFsync = new("--storage.wal-fsync")
    {
        Description = "When the log is synced: always (before each answer), interval (every second) or never. " +
            "A killed process loses nothing with any of them; this is about power cuts.",
        HelpName = "WHEN",
        DefaultValueFactory = _ => "interval",
    };

    private readonly Option<string> _lookback = Duration("--query.lookback-delta", "5m",
        "How far an instant selector looks back for a sample.");

    private readonly Option<string> _timeout = Duration("--query.timeout", "2m", "How long a query may run.");

    private readonly Option<int> _concurrency = Number("--query.max-concurrency", 20,
        "How many queries run at a time.");

    private readonly Option<int> _maxSamples = Number("--query.max-samples", 50_000_000,
        "How many samples one query may hold in memory.");

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
        _logLevel.Validators.Add(result => OneOf(result, LevelNames));
        _logFormat.Validators.Add(result => OneOf(result, ["logfmt", "json"]));
        _walFsync.Validators.Add(result => OneOf(result, ["always", "interval", "never"]));
        _listen.Validators.Add(ValidateAddresses);
        var command = new RootCommand(
            "PromHost, a Prometheus-compatible time series database. Starts without any configuration: data in " +
            "./data, port 9090, remote write accepted at /api/v1/write.");
        Option[] options =
        [
            _configFile, _dataPath, _retention, _listen, _logLevel, _logFormat, _remoteWrite, _noRemoteWrite, _walFsync,
            _lookback, _timeout, _concurrency, _maxSamples, _features,
        ];
        foreach (var option in options) command.Add(option);
        command.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));
        return command;
    }

    private static Option<string> Duration(string name, string value, string description)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = "DURATION",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (!PrometheusDuration.TryParse(text, out var ms, out var error)) result.AddError($"{name}: {error}");
            else if (ms <= 0) result.AddError($"{name}: must be greater than 0");
        });
        return option;
    }

    private static Option<int> Number(string name, int value, string description)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() <= 0) result.AddError($"{name}: must be greater than 0");
        });
        return option;
    }

    private static void OneOf(OptionResult result, string[] allowed)
    {
        var value = result.GetValueOrDefault<string>();
        if (!allowed.Contains(value, StringComparer.Ordinal))
        {
            var names = string.Join(", ", allowed);
            result.AddError($"{result.Option.Name}: must be one of {names}, got {GoText.Quote(value)}");
        }
    }

    private static void ValidateAddresses(OptionResult result)
    {
        foreach (var address in result.GetValueOrDefault<string[]>() ?? [])
        {
            if (!ListenAddress.TryParse(address, out _, out var error))
                result.AddError($"--web.listen-address: {error}");
        }
    }

    private static TimeSpan Parse(string duration)
    {
        // Validated before: what does not parse never comes here.
        return PrometheusDuration.TryParse(duration, out var ms, out _) ? TimeSpan.FromMilliseconds(ms) : default;
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
            DataPath = result.GetRequiredValue(_dataPath),
            RetentionTime = Parse(result.GetRequiredValue(_retention)),
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
            WalFsync = Enum.Parse<WalSyncPolicy>(result.GetRequiredValue(_walFsync), ignoreCase: true),
            QueryLimits = new QueryLimits
            {
                LookbackDelta = Parse(result.GetRequiredValue(_lookback)),
                Timeout = Parse(result.GetRequiredValue(_timeout)),
                MaxConcurrency = result.GetValue(_concurrency),
                MaxSamples = result.GetValue(_maxSamples),
            },
            QueryFeatures = new QueryFeatures
            {
                DelayedNameRemoval = Has(FeatureNames.DelayedNameRemoval),
                ExperimentalFunctions = Has(FeatureNames.ExperimentalFunctions),
                ExtendedRangeSelectors = Has(FeatureNames.ExtendedRangeSelectors),
                BinopFillModifiers = Has(FeatureNames.BinopFillModifiers),
            },
            UnknownFeatures = [.. features.Where(name => !FeatureNames.IsKnown(name))],
            Flags = ReadFlags(result, features),
        };
    }

    private Dictionary<string, string> ReadFlags(ParseResult result, List<string> features)
    {
        var remoteWrite = result.GetValue(_remoteWrite) && !result.GetValue(_noRemoteWrite);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["config.file"] = result.GetValue(_configFile) ?? "prometheus.yml",
            ["storage.tsdb.path"] = result.GetRequiredValue(_dataPath),
            ["storage.tsdb.retention.time"] = result.GetRequiredValue(_retention),
            ["web.listen-address"] = string.Join(',', result.GetRequiredValue(_listen)),
            ["log.level"] = result.GetRequiredValue(_logLevel),
            ["log.format"] = result.GetRequiredValue(_logFormat),
            ["web.enable-remote-write-receiver"] = remoteWrite ? "true" : "false",
            ["storage.wal-fsync"] = result.GetRequiredValue(_walFsync),
            ["query.lookback-delta"] = result.GetRequiredValue(_lookback),
            ["query.timeout"] = result.GetRequiredValue(_timeout),
            ["query.max-concurrency"] = result.GetValue(_concurrency).ToString(CultureInfo.InvariantCulture),
            ["query.max-samples"] = result.GetValue(_maxSamples).ToString(CultureInfo.InvariantCulture),
            ["enable-feature"] = string.Join(',', features),
        };
    }
}

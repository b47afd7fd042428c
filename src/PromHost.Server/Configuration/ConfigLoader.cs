using PromHost.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PromHost.Server;

/// <summary>Reads Prometheus's configuration format. Unknown keys are errors that name their line.</summary>
internal static class ConfigLoader
{
    private static readonly string[] TopLevelKeys =
    [
        "global", "runtime", "alerting", "rule_files", "scrape_config_files", "scrape_configs", "storage", "tracing",
        "remote_write", "remote_read", "otlp",
    ];

    private static readonly string[] GlobalKeys =
    [
        "scrape_interval", "scrape_timeout", "scrape_protocols", "evaluation_interval", "rule_query_offset",
        "query_log_file", "scrape_failure_log_file", "external_labels", "body_size_limit", "sample_limit",
        "target_limit", "label_limit", "label_name_length_limit", "label_value_length_limit", "keep_dropped_targets",
        "metric_name_validation_scheme", "metric_name_escaping_scheme", "scrape_native_histograms",
        "convert_classic_histograms_to_nhcb", "always_scrape_classic_histograms", "extra_scrape_metrics",
    ];

    private static readonly string[] IdleKeys =
    [
        "alerting", "rule_files", "scrape_config_files", "scrape_configs", "tracing", "remote_write", "remote_read",
        "otlp",
    ];

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigException">It is missing, unreadable or wrong.</exception>
    public static PrometheusConfig LoadFile(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{path}: {e.Message}", e);
        }

        return Load(text, path);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The configuration.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <exception cref="ConfigException">It is wrong.</exception>
    public static PrometheusConfig Load(string text, string name)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents.Count == 0) return new PrometheusConfig();
            return Read(ConfigNodes.Mapping(yaml.Documents[0].RootNode, "the configuration"));
        }
        catch (YamlException e)
        {
            throw new ConfigException($"{name}: line {e.Start.Line}: {e.Message}", e);
        }
        catch (ConfigException e)
        {
            throw new ConfigException($"{name}: {e.Message}", e);
        }
    }

    private static PrometheusConfig Read(YamlMappingNode root)
    {
        var config = new PrometheusConfig();
        var idle = new List<string>();
        foreach (var (key, value) in ConfigNodes.Entries(root, TopLevelKeys, "config.plain"))
        {
            if (IdleKeys.Contains(key, StringComparer.Ordinal)) idle.Add(key);
            config = key switch
            {
                "global" => ReadGlobal(config, ConfigNodes.Mapping(value, key)),
                "storage" => config with { Storage = StorageConfigReader.Read(ConfigNodes.Mapping(value, key)) },
                _ => config,
            };
        }

        return config with { IdleSections = idle };
    }

    private static PrometheusConfig ReadGlobal(PrometheusConfig config, YamlMappingNode global)
    {
        foreach (var (key, value) in ConfigNodes.Entries(global, GlobalKeys, "config.GlobalConfig"))
        {
            config = key switch
            {
                "scrape_interval" => config with { ScrapeInterval = Interval(value) },
                "evaluation_interval" => config with { EvaluationInterval = Interval(value) },
                "external_labels" => config with { ExternalLabels = ReadLabels(ConfigNodes.Mapping(value, key)) },
                _ => config,
            };
        }

        return config;
    }

    // None at all is Prometheus's default, and so is zero.
    private static TimeSpan Interval(YamlNode node) => ConfigNodes.Duration(node) is { Ticks: > 0 } interval
        ? interval
        : PrometheusConfig.DefaultInterval;

    private static Labels ReadLabels(YamlMappingNode node)
    {
        var builder = new LabelsBuilder();
        foreach (var (key, value) in node.Children)
        {
            if (key is not YamlScalarNode { Value: { Length: > 0 } name } ||
                value is not YamlScalarNode { Value: { } text })
                throw new ConfigException($"line {key.Start.Line}: a label is a name and a text");
            builder.Set(name, text);
        }

        return builder.ToLabels();
    }
}

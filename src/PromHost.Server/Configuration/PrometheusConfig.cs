using PromHost.Model;

namespace PromHost.Server;

/// <summary>What the server takes from its configuration file.</summary>
internal sealed record PrometheusConfig
{
    /// <summary>Prometheus's interval of scrapes and evaluations.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);

    /// <summary><c>global.scrape_interval</c>. Prometheus's default is 1 minute.</summary>
    public TimeSpan ScrapeInterval { get; init; } = DefaultInterval;

    /// <summary><c>global.evaluation_interval</c>, also the default step of subqueries. Default 1 minute.</summary>
    public TimeSpan EvaluationInterval { get; init; } = DefaultInterval;

    /// <summary><c>global.external_labels</c>.</summary>
    public Labels ExternalLabels { get; init; }

    /// <summary><c>storage</c>.</summary>
    public StorageConfig Storage { get; init; } = new();

    /// <summary>Sections that are there and that this version does not act on; each is warned of.</summary>
    public IReadOnlyList<string> IdleSections { get; init; } = [];
}

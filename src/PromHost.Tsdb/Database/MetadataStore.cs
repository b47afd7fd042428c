using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>The newest metadata of each family, in memory. Thread-safe.</summary>
internal sealed class MetadataStore : IMetadataSource
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MetricMetadata> _families = new(StringComparer.Ordinal);

    /// <summary>Takes what a sender told.</summary>
    public void Update(List<KeyValuePair<string, MetricMetadata>> metadata)
    {
        if (metadata.Count == 0) return;
        lock (_lock)
        {
            foreach (var (family, told) in metadata)
            {
                // Senders repeat themselves every minute: the old one is kept where nothing changed.
                if (!_families.TryGetValue(family, out var known) || known != told) _families[family] = told;
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<MetricMetadata>>> GetMetadata(string? family = null)
    {
        lock (_lock)
        {
            if (family is null) return [.. _families.Select(entry => Entry(entry.Key, entry.Value))];
            return _families.TryGetValue(family, out var metadata) ? [Entry(family, metadata)] : [];
        }
    }

    private static KeyValuePair<string, IReadOnlyList<MetricMetadata>> Entry(string family, MetricMetadata metadata) =>
        new(family, [metadata]);
}

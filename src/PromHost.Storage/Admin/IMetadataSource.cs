using PromHost.Model;

namespace PromHost.Storage;

/// <summary>The metadata of metric families that senders have told. Thread-safe.</summary>
public interface IMetadataSource
{
    /// <summary>The families and what is known of each, ordered by name.</summary>
    /// <param name="family">Only this family; null: all.</param>
    IEnumerable<KeyValuePair<string, IReadOnlyList<MetricMetadata>>> GetMetadata(string? family = null);
}

using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>A metric family and what is known of it; <see cref="MetadataStore"/> guards it.</summary>
internal sealed class MetricFamily(string name)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>What is known of it.</summary>
    public MetricMetadata Metadata { get; set; } = new("unknown", "", "");

    /// <summary>The series under whose number it stands in the WAL.</summary>
    public FamilyCarrier Carrier { get; set; }

    /// <summary>Has it had no series yet?</summary>
    public bool IsWaiting { get; set; }
}

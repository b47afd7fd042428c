namespace PromHost.Model;

/// <summary>What is known of a metric family beside its samples.</summary>
/// <param name="Type">The type as the HTTP API writes it: <c>counter</c>, <c>gauge</c>, <c>unknown</c>, …</param>
/// <param name="Help">The description.</param>
/// <param name="Unit">The unit, empty when unknown.</param>
public sealed record MetricMetadata(string Type, string Help, string Unit);

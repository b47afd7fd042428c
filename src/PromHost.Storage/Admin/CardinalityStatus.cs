namespace PromHost.Storage;

/// <summary>Where the series of a storage come from; each list is sorted, largest first.</summary>
/// <param name="SeriesCountByMetricName">Series per metric name.</param>
/// <param name="LabelValueCountByLabelName">Distinct values per label name.</param>
/// <param name="MemoryInBytesByLabelName">Bytes of names and values in label sets, per label name.</param>
/// <param name="SeriesCountByLabelValuePair">Series per pair, written <c>name=value</c>.</param>
public sealed record CardinalityStatus(
    IReadOnlyList<NamedCount> SeriesCountByMetricName,
    IReadOnlyList<NamedCount> LabelValueCountByLabelName,
    IReadOnlyList<NamedCount> MemoryInBytesByLabelName,
    IReadOnlyList<NamedCount> SeriesCountByLabelValuePair);

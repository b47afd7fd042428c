using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>A series that an operator will emit.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="DropName">
/// Is the metric's name (and type and unit) to be dropped at the end of the query? Only with delayed name removal.
/// </param>
internal readonly record struct OutputSeries(Labels Labels, bool DropName = false);

using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary><c>load</c>: appends samples of series at a fixed step.</summary>
/// <param name="Line">Its first line.</param>
/// <param name="StepMs">Distance of the samples.</param>
/// <param name="WithCustomBuckets">Also build histograms with custom buckets from the classic ones?</param>
/// <param name="Series">The series, each label set once.</param>
internal sealed record LoadCommand(int Line, long StepMs, bool WithCustomBuckets, IReadOnlyList<LoadedSeries> Series)
    : ScriptCommand(Line);

/// <summary>A series of a load.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="Values">A value per step from the first on.</param>
/// <param name="StartOffsetsMs">
/// Per value where its counter started, relative to the sample; null where unknown. Empty when no start is given.
/// </param>
internal sealed record LoadedSeries(
    Labels Labels, IReadOnlyList<SequenceValue> Values, IReadOnlyList<long?> StartOffsetsMs);

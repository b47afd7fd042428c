namespace PromHost.Tsdb;

/// <summary>
/// A part of a commit group in which every series has its floats before its histograms, and these of one type of
/// record: it is logged and applied floats first. The accepted samples of a part are in a row.
/// </summary>
/// <param name="FloatStart">The first of its floats.</param>
/// <param name="FloatEnd">The one behind the last.</param>
/// <param name="HistogramStart">The first of its histograms.</param>
/// <param name="HistogramEnd">The one behind the last.</param>
internal readonly record struct CommitPart(int FloatStart, int FloatEnd, int HistogramStart, int HistogramEnd);

using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>What an aggregation makes of the native histograms of its rows.</summary>
internal interface IHistogramFold
{
    /// <summary>
    /// Takes the histograms out of a row and into a group; of the floats those that play no part any more.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="row">The row; only the floats to be folded remain in it.</param>
    /// <param name="floats">At which steps the group has had floats.</param>
    /// <param name="labels">The labels of the row's series.</param>
    /// <returns>How many samples it holds more than before.</returns>
    long Fold(int group, SeriesRow row, ReadOnlySpan<ulong> floats, Labels labels);

    /// <summary>Completes a row into which the group's floats have been written; once per group.</summary>
    void Finish(int group, SeriesRow row);
}

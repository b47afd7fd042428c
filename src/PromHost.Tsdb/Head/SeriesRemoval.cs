namespace PromHost.Tsdb;

/// <summary>
/// Takes series out of the head: first out of sight, then, when all have left who may use them, out of memory. For the
/// committer, in slices that are small enough for the appends that wait.
/// </summary>
internal sealed class SeriesRemoval(SeriesTable table, Epochs epochs)
{
    // Lists are freed in one go, by whoever is the last to leave: not too many at once.
    private const int MaxPerRelease = 256;
    private const int MaxLabelsPerRelease = 4096;

    private readonly List<int> _removed = [];

    /// <summary>Removes a series that has no samples.</summary>
    public void Remove(int series)
    {
        table.Remove(series);
        _removed.Add(series);
        if (_removed.Count == MaxPerRelease) Retire();
    }

    /// <summary>Removes a series whose samples are all in blocks.</summary>
    public void Evict(int series, long lastTimeMs)
    {
        table.Evict(series, lastTimeMs);
        _removed.Add(series);
        if (_removed.Count == MaxPerRelease) Retire();
    }

    /// <summary>Has the series removed so far freed when nobody uses them any more.</summary>
    public void Retire()
    {
        if (_removed.Count == 0) return;
        int[] removed = [.. _removed];
        _removed.Clear();
        epochs.Retire(() => table.Free(removed));
    }

    /// <summary>Does a part of the cleaning up of labels, after the last series.</summary>
    /// <param name="budget">How much, in entries of lists and tables that are looked at.</param>
    /// <returns>False when all is done.</returns>
    public bool SweepLabels(int budget)
    {
        // Their labels are used as long as they are: freed in this order.
        Retire();
        if (table.SweepLabels(budget, out var unlinked)) return true;
        for (var start = 0; start < unlinked.Pairs.Length; start += MaxLabelsPerRelease)
        {
            var pairs = unlinked.Pairs[start..Math.Min(start + MaxLabelsPerRelease, unlinked.Pairs.Length)];
            epochs.Retire(() => table.FreeLabels((pairs, [])));
        }

        if (unlinked.Names.Length > 0) epochs.Retire(() => table.FreeLabels(([], unlinked.Names)));
        return false;
    }
}

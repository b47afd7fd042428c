// Hot path: compaction sorts all series of the head.
namespace PromHost.Tsdb;

/// <summary>
/// Sorts series of the head as <see cref="Model.Labels.CompareTo"/> orders their labels: label by label, from the
/// first. All series that agree in the labels before are sorted by the rank of the next one, as plain numbers.
/// </summary>
/// <remarks>
/// Comparing two series reads three places of memory for each, which are in no cache when there are millions; here each
/// series is read once per label that it takes to tell it from others, and mostly in the order of the memory.
/// </remarks>
/// <param name="table">Who knows the series' labels.</param>
/// <param name="symbols">Ranks all their label pairs.</param>
internal sealed class SeriesOrder(SeriesTable table, HeadSymbols symbols)
{
    // Up to so many are compared with each other.
    private const int FewSeries = 16;

    // Parts whose series agree in the labels before one; none of them has few series.
    private readonly Stack<(int Start, int Count, int Label)> _parts = new();

    /// <summary>Sorts them; holds 8 bytes per series meanwhile.</summary>
    public void Sort(Span<int> series)
    {
        // The rank of the label looked at above the series.
        using var entries = new NativeArray<ulong>(series.Length);
        for (var i = 0; i < series.Length; i++) entries[i] = (uint)series[i];
        Divide(0, entries.Span, 0);
        while (_parts.TryPop(out var part))
            SortBy(part.Label, part.Start, entries.Span.Slice(part.Start, part.Count));
        for (var i = 0; i < series.Length; i++) series[i] = SeriesIn(entries[i]);
    }

    private void SortBy(int label, int start, Span<ulong> entries)
    {
        if (!TryRank(label, entries))
        {
            // They all have the same one; where it is none they are the same series.
            if (entries[0] >> 32 != 0) Divide(start, entries, label + 1);
            return;
        }

        entries.Sort();
        for (var from = 0; from < entries.Length;)
        {
            var rank = entries[from] >> 32;
            var to = from + 1;
            while (to < entries.Length && entries[to] >> 32 == rank) to++;
            if (rank != 0) Divide(start + from, entries[from..to], label + 1);
            from = to;
        }
    }

    private void Divide(int start, Span<ulong> entries, int label)
    {
        if (entries.Length > FewSeries) _parts.Push((start, entries.Length, label));
        else if (entries.Length > 1) entries.Sort(Compare);
    }

    // Says whether there is anything to sort.
    private bool TryRank(int label, Span<ulong> entries)
    {
        var differ = false;
        var first = 0UL;
        for (var i = 0; i < entries.Length; i++)
        {
            var series = (uint)entries[i];
            var pairs = table.PairsOf((int)series);
            // A label set that ends here comes before those that go on.
            var rank = label < pairs.Length ? (ulong)(uint)symbols.RankOf(pairs[label]) : 0;
            if (i == 0) first = rank;
            differ |= rank != first;
            entries[i] = (rank << 32) | series;
        }

        return differ;
    }

    private int Compare(ulong left, ulong right) =>
        symbols.Compare(table.PairsOf(SeriesIn(left)), table.PairsOf(SeriesIn(right)));

    private static int SeriesIn(ulong entry) => (int)(uint)entry;
}

namespace PromHost.Tsdb;

/// <summary>Looks through the head for times.</summary>
internal static class HeadTimes
{
    /// <summary>
    /// The first timestamp at or after a border of samples that came in order, or <see cref="long.MaxValue"/>. Where a
    /// chunk reaches over the border it is the border itself. The caller is inside an epoch.
    /// </summary>
    public static long FirstFrom(Head head, long borderMs)
    {
        var firstMs = long.MaxValue;
        var ordinals = head.Index.Ordinals;
        for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, ordinals.Last, out var series); ordinal++)
        {
            head.Store.Read(series, out var snapshot);
            if (!snapshot.IsEmpty && snapshot.NewestTimeMs >= borderMs)
                firstMs = Math.Min(firstMs, FirstFrom(ref snapshot, borderMs));
        }

        return firstMs;
    }

    private static long FirstFrom(ref SeriesSnapshot snapshot, long borderMs)
    {
        foreach (var chunk in snapshot.Mapped.AsSpan(0, snapshot.MappedCount))
        {
            if (chunk.MaxTimeMs >= borderMs) return Math.Max(chunk.MinTimeMs, borderMs);
        }

        return Math.Max(snapshot.OpenMinTimeMs, borderMs);
    }
}

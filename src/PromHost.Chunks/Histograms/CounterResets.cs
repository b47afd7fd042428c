namespace PromHost.Chunks;

/// <summary>Says whether buckets of a counter shrank: then it was reset in between.</summary>
internal static class CounterResets
{
    /// <summary>For buckets of the same layout.</summary>
    public static bool AnyShrank<TWord>(ReadOnlySpan<ulong> before, ReadOnlySpan<ulong> after)
        where TWord : struct, ICountWord
    {
        for (var i = 0; i < before.Length; i++)
        {
            if (TWord.IsLess(after[i], before[i])) return true;
        }

        return false;
    }

    /// <summary>For buckets of two layouts. One that is not there any more was reset unless it was empty.</summary>
    public static bool AnyShrank<TWord>(BucketUnion union, ReadOnlySpan<ulong> before, ReadOnlySpan<ulong> after)
        where TWord : struct, ICountWord
    {
        var next = 0;
        for (var i = 0; i < before.Length; i++)
        {
            var place = union.ChunkPlaces[i];
            while (next < after.Length && union.HistogramPlaces[next] < place) next++;
            var isThere = next < after.Length && union.HistogramPlaces[next] == place;
            if (isThere ? TWord.IsLess(after[next], before[i]) : !TWord.IsZero(before[i])) return true;
        }

        return false;
    }
}

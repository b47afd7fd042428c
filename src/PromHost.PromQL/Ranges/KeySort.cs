// Hot path: sorts the values of windows.
namespace PromHost.PromQL;

/// <summary>
/// Sorts keys, and can be cancelled while it does: many are sorted in runs, which are then merged. Keeps its memory;
/// not for several threads at a time.
/// </summary>
internal sealed class KeySort
{
    /// <summary>How many keys are sorted at once; some milliseconds' worth.</summary>
    public const int RunLength = 1 << 16;

    private long[] _merged = [];

    /// <summary>Sorts in place, ascending.</summary>
    /// <param name="keys">What to sort.</param>
    /// <param name="cancellation">Ends the sorting of many; the keys are then in any order.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Sort(Span<long> keys, CancellationToken cancellation)
    {
        if (keys.Length <= RunLength) keys.Sort();
        else SortRuns(keys, cancellation);
    }

    private void SortRuns(Span<long> keys, CancellationToken cancellation)
    {
        for (var start = 0; start < keys.Length; start += RunLength)
        {
            cancellation.ThrowIfCancellationRequested();
            keys[start..Math.Min(start + RunLength, keys.Length)].Sort();
        }

        if (_merged.Length < keys.Length) _merged = new long[keys.Length];
        var from = keys;
        var to = _merged.AsSpan(0, keys.Length);
        for (long length = RunLength; length < keys.Length; length *= 2)
        {
            for (long start = 0; start < keys.Length; start += 2 * length)
            {
                var middle = (int)Math.Min(start + length, keys.Length);
                var end = (int)Math.Min(start + (2 * length), keys.Length);
                Merge(from[(int)start..middle], from[middle..end], to[(int)start..end], cancellation);
            }

            var merged = to;
            to = from;
            from = merged;
        }

        if (from != keys) from.CopyTo(keys);
    }

    private static void Merge(
        ReadOnlySpan<long> left, ReadOnlySpan<long> right, Span<long> to, CancellationToken cancellation)
    {
        int l = 0, r = 0, count = 0;
        while (l < left.Length && r < right.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            // As many as are sure to be left on both sides.
            var safe = Math.Min(RunLength, Math.Min(left.Length - l, right.Length - r));
            for (var i = 0; i < safe; i++) to[count++] = left[l] <= right[r] ? left[l++] : right[r++];
        }

        left[l..].CopyTo(to[count..]);
        right[r..].CopyTo(to[(count + left.Length - l)..]);
    }
}

namespace PromHost.PromQL;

/// <summary>Sorting that can be cancelled while it runs.</summary>
internal static class CancellableSort
{
    // Comparisons between two looks at the token: well below a millisecond's worth.
    private const int CheckInterval = 4096;

    /// <summary>Sorts in place; not stable.</summary>
    /// <param name="items">What to sort.</param>
    /// <param name="compare">The order.</param>
    /// <param name="cancellation">Ends the sorting; the items are then in any order.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Sort<T>(Span<T> items, Comparison<T> compare, CancellationToken cancellation)
    {
        var countdown = CheckInterval;
        try
        {
            items.Sort((a, b) =>
            {
                if (--countdown == 0)
                {
                    countdown = CheckInterval;
                    cancellation.ThrowIfCancellationRequested();
                }

                return compare(a, b);
            });
        }
        catch (InvalidOperationException e) when (e.InnerException is OperationCanceledException)
        {
            // What a comparison throws comes out wrapped.
            throw e.InnerException;
        }
    }
}

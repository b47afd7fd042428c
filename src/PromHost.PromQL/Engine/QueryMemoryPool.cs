using System.Collections.Concurrent;

namespace PromHost.PromQL;

/// <summary>The memory that all queries of an engine hold together. Thread-safe.</summary>
/// <remarks>
/// When it is used up, those pay who hold the most: a query that asks for more than its share gets none; one that holds
/// less gets what it asks for, and the largest is ended. So a small query does not fail because of large ones. What is
/// granted beyond the limit until that one has ended is at most a quarter of the limit.
/// </remarks>
/// <param name="limitBytes">How much they may hold.</param>
/// <param name="concurrency">How many may run at a time.</param>
internal sealed class QueryMemoryPool(long limitBytes, int concurrency)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<QueryMemory, bool> _queries = new();
    private readonly long _shareBytes = limitBytes / (4L * Math.Max(1, concurrency));
    private long _heldBytes;

    /// <summary>How much they may hold.</summary>
    public long LimitBytes { get; } = limitBytes;

    /// <summary>How much they hold now.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Opens the account of a query.</summary>
    /// <param name="queryLimitBytes">How much that query may hold.</param>
    /// <param name="priority">For whom it is.</param>
    /// <param name="end">Ends it, from any thread.</param>
    public QueryMemory Open(long queryLimitBytes, QueryPriority priority, Action end)
    {
        var memory = new QueryMemory(this, queryLimitBytes, priority, end);
        _queries[memory] = true;
        return memory;
    }

    /// <summary>Counts what a query holds from now on.</summary>
    /// <param name="asking">The query, which counts them already.</param>
    /// <param name="bytes">How much.</param>
    /// <returns>False when the query must end.</returns>
    public bool Hold(QueryMemory asking, long bytes) =>
        Interlocked.Add(ref _heldBytes, bytes) <= LimitBytes || bytes <= 0 || MakeRoom(asking);

    /// <summary>Counts what is held no more.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _heldBytes, -bytes);

    /// <summary>Closes an account.</summary>
    public void Close(QueryMemory memory) => _queries.TryRemove(memory, out _);

    private bool MakeRoom(QueryMemory asking)
    {
        lock (_gate)
        {
            var isFavoured = asking.Priority == QueryPriority.Rule ||
                (asking.HeldBytes <= _shareBytes && HeldBytes <= LimitBytes + LimitBytes / 4);
            if (!isFavoured) return false;
            QueryMemory? largest = null;
            var leavingBytes = 0L;
            foreach (var (query, _) in _queries)
            {
                if (query.IsEnded) leavingBytes += query.HeldBytes;
                else if (query.Priority != QueryPriority.Rule && query.HeldBytes > (largest?.HeldBytes ?? 0))
                    largest = query;
            }

            if (HeldBytes - leavingBytes <= LimitBytes) return true;
            // Nobody but rules: they have no less right to it than this one.
            if (largest is null || largest == asking) return false;
            largest.End();
            return true;
        }
    }
}

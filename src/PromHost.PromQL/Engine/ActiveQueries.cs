using System.Collections.Concurrent;

namespace PromHost.PromQL;

/// <summary>The queries that are waiting, running or being answered. Thread-safe.</summary>
/// <param name="limits">What queries may take.</param>
/// <param name="clock">For ages and time limits.</param>
internal sealed class ActiveQueries(QueryLimits limits, TimeProvider clock)
{
    private readonly ConcurrentDictionary<long, ActiveQuery> _queries = new();
    private long _lastId;

    /// <summary>The memory that they hold.</summary>
    public QueryMemoryPool Memory { get; } = new(limits.MaxTotalMemoryBytes, limits.MaxConcurrency);

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>How many bytes one of them may hold.</summary>
    public long QueryMemoryBytes { get; } = limits.MaxMemoryBytes;

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<ActiveQuery> List() => [.. _queries.Values.OrderBy(static query => query.Id)];

    /// <summary>One of them, or null.</summary>
    public ActiveQuery? Find(long id) => _queries.GetValueOrDefault(id);

    /// <summary>Takes a query in; whoever does so disposes it in the end.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="constants">When it is evaluated.</param>
    /// <param name="options">What the request sets.</param>
    /// <param name="client">Cancelled when nobody waits any more.</param>
    public ActiveQuery Open(string text, QueryConstants constants, QueryOptions options, CancellationToken client)
    {
        var timeout = options.Timeout is { } wanted && wanted < limits.Timeout ? wanted : limits.Timeout;
        if (timeout < TimeSpan.Zero) timeout = TimeSpan.Zero;
        var id = Interlocked.Increment(ref _lastId);
        return _queries[id] = new ActiveQuery(this, id, text, constants, options, timeout, client);
    }

    /// <summary>The query is over.</summary>
    public void Close(ActiveQuery query) => _queries.TryRemove(query.Id, out _);
}

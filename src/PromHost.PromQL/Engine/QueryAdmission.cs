namespace PromHost.PromQL;

/// <summary>
/// Lets so many queries run at a time; others wait in the order in which they came, rules before all others. One place
/// more than that is kept for rules. Thread-safe.
/// </summary>
/// <param name="limit">How many queries of users may run at a time.</param>
internal sealed class QueryAdmission(int limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource> _users = new();
    private readonly LinkedList<TaskCompletionSource> _rules = new();
    private int _runningUsers;
    private int _runningRules;

    /// <summary>How many queries may run at a time, rules included.</summary>
    public int Capacity => limit + 1;

    /// <summary>Waits for a place, to be given back by <see cref="Leave"/>.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled; there is no place to give back.</exception>
    public async Task EnterAsync(QueryPriority priority, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = priority == QueryPriority.Rule ? _rules : _users;
        LinkedListNode<TaskCompletionSource> waiting;
        lock (_gate)
        {
            if (queue.Count == 0 && TryTake(priority)) return;
            waiting = queue.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        await using var registration = cancellationToken.UnsafeRegister(_ =>
        {
            lock (_gate)
            {
                // Not in the queue any more: the place was given just now.
                if (waiting.List is null) return;
                queue.Remove(waiting);
            }

            waiting.Value.SetCanceled(cancellationToken);
        }, null).ConfigureAwait(false);
        await waiting.Value.Task.ConfigureAwait(false);
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(QueryPriority priority)
    {
        lock (_gate)
        {
            if (priority == QueryPriority.Rule) _runningRules--;
            else _runningUsers--;
            while (_rules.First is { } rule && TryTake(QueryPriority.Rule)) LetIn(_rules, rule);
            while (_users.First is { } user && TryTake(QueryPriority.User)) LetIn(_users, user);
        }
    }

    // Under the lock.
    private bool TryTake(QueryPriority priority)
    {
        if (_runningUsers + _runningRules >= Capacity) return false;
        if (priority == QueryPriority.Rule)
        {
            _runningRules++;
            return true;
        }

        // One place less for users than there are, whoever has taken the others.
        if (_runningUsers >= limit || _rules.Count > 0) return false;
        _runningUsers++;
        return true;
    }

    private static void LetIn(LinkedList<TaskCompletionSource> queue, LinkedListNode<TaskCompletionSource> waiting)
    {
        queue.Remove(waiting);
        waiting.Value.SetResult();
    }
}

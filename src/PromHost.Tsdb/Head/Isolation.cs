namespace PromHost.Tsdb;

/// <summary>
/// Lets every view of the head see whole commits only. A view stands at a commit; a series that a later commit appended
/// to is read up to the newest timestamp that it had before. Thread-safe.
/// </summary>
/// <remarks>
/// A series itself remembers that timestamp for its last commit. Where a second commit appends while a view from before
/// the first one is open, the first one's timestamp is kept here until no such view is left. Invariant: for a view at
/// commit w, the first commit after w that touched the series is either the series' last one or kept here.
/// </remarks>
internal sealed class Isolation
{
    private readonly Lock _lock = new();
    private readonly List<ulong> _views = [];
    private readonly Dictionary<int, List<Bound>> _bounds = [];
    private ulong _published;
    private ulong _newestBound;

    /// <summary>The last commit that new views see.</summary>
    public ulong Published => Volatile.Read(ref _published);

    /// <summary>The commit of the oldest open view, or the last published one.</summary>
    public ulong OldestView
    {
        get
        {
            lock (_lock) return OldestLocked();
        }
    }

    /// <summary>The timestamps remembered: at most one per series and open view.</summary>
    public int RememberedCount
    {
        get
        {
            lock (_lock) return _bounds.Values.Sum(bounds => bounds.Count);
        }
    }

    /// <summary>Opens a view.</summary>
    /// <returns>The commit that it stands at.</returns>
    public ulong OpenView()
    {
        lock (_lock)
        {
            _views.Add(_published);
            return _published;
        }
    }

    /// <summary>Closes a view.</summary>
    public void CloseView(ulong commit)
    {
        lock (_lock) _views.Remove(commit);
    }

    /// <summary>
    /// Begins a commit: series whose last commit is newer than the result must be remembered before they change.
    /// Views opened later stand at the commit before this one, so they need nothing.
    /// </summary>
    public ulong BeginCommit()
    {
        lock (_lock)
        {
            var oldest = OldestLocked();
            if (_bounds.Count > 0 && oldest >= _newestBound) _bounds.Clear();
            return oldest;
        }
    }

    /// <summary>Remembers where views older than a commit stop in a series; before the series changes again.</summary>
    public void Remember(int series, ulong commit, long timeBeforeMs)
    {
        lock (_lock)
        {
            if (!_bounds.TryGetValue(series, out var bounds)) _bounds[series] = bounds = [];
            if (bounds.Count > 0 && !HasViewBetween(bounds[^1].Commit, commit)) return;
            bounds.Add(new Bound(commit, timeBeforeMs));
            _newestBound = Math.Max(_newestBound, commit);
        }
    }

    /// <summary>Makes a commit visible to new views.</summary>
    public void Publish(ulong commit)
    {
        lock (_lock) Volatile.Write(ref _published, commit);
    }

    /// <summary>Where a view stops in a series whose last commit is newer than the view.</summary>
    /// <param name="view">The view's commit.</param>
    /// <param name="series">The series.</param>
    /// <param name="timeBeforeLastCommitMs">What the series itself remembers, read before this call.</param>
    public long BoundOf(ulong view, int series, long timeBeforeLastCommitMs)
    {
        lock (_lock)
        {
            if (_bounds.TryGetValue(series, out var bounds))
            {
                // Ascending by commit: the first one that is newer than the view is the earliest.
                foreach (var bound in bounds)
                {
                    if (bound.Commit > view) return bound.TimeBeforeMs;
                }
            }
        }

        return timeBeforeLastCommitMs;
    }

    // Only views from the commit before up to this one need this one's bound; new ones do not open there any more.
    private bool HasViewBetween(ulong from, ulong before)
    {
        foreach (var view in _views)
        {
            if (view >= from && view < before) return true;
        }

        return false;
    }

    private ulong OldestLocked()
    {
        var oldest = _published;
        foreach (var view in _views) oldest = Math.Min(oldest, view);
        return oldest;
    }

    private readonly record struct Bound(ulong Commit, long TimeBeforeMs);
}

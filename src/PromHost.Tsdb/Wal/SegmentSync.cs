namespace PromHost.Tsdb;

/// <summary>
/// The open files of a log, and what of them must still be synced. The thread that appends tells it of files and
/// writes; any thread runs the sync, which waits for one that is under way.
/// </summary>
/// <remarks>
/// Invariant: a file is synced before any file that was begun after it, so that what survives a power cut has no hole
/// before its end.
/// </remarks>
internal sealed class SegmentSync : IDisposable
{
    private readonly Lock _files = new();
    private readonly Lock _running = new();
    private List<IDataFile> _ended = [];
    private IDataFile _current;
    private bool _isSynced = true;

    /// <summary>Begins with a file that needs no sync.</summary>
    public SegmentSync(IDataFile file) => _current = file;

    /// <summary>Something was written to the current file, or may have been.</summary>
    public void Wrote()
    {
        lock (_files) _isSynced = false;
    }

    /// <summary>The current file has ended: it is closed when it is synced.</summary>
    public void Begin(IDataFile next)
    {
        lock (_files)
        {
            _ended.Add(_current);
            _current = next;
            _isSynced = true;
        }
    }

    /// <summary>Syncs what was written before the call.</summary>
    /// <param name="onlyEnded">Leave out the current file.</param>
    /// <returns>False when there was nothing to do.</returns>
    /// <exception cref="IOException">A sync failed; it must not be repeated.</exception>
    public bool Run(bool onlyEnded)
    {
        lock (_running)
        {
            List<IDataFile> ended;
            IDataFile? current;
            lock (_files)
            {
                (ended, _ended) = (_ended, []);
                current = onlyEnded || _isSynced ? null : _current;
                // What is written from here on is for the next sync.
                if (current is not null) _isSynced = true;
            }

            foreach (var file in ended)
            {
                file.Sync();
                file.Dispose();
            }

            current?.Sync();
            return ended.Count > 0 || current is not null;
        }
    }

    /// <summary>Closes the files, after a sync that is under way.</summary>
    public void Dispose()
    {
        lock (_running)
        {
            foreach (var file in _ended) file.Dispose();
            _ended.Clear();
            _current.Dispose();
        }
    }
}

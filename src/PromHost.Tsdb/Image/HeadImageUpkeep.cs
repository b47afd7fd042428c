using Microsoft.Extensions.Logging;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Keeps the head image young, on a thread of its own: a new one is written when the log has grown by some 48 MiB since
/// the last one, or after five minutes, unless nothing has changed. Thread-safe.
/// </summary>
/// <remarks>
/// With very many series an image is larger than that part of the log. Then the log may grow by as much as the image
/// has: reading either takes about as long, and writing costs no more than a part of the ingest.
/// </remarks>
internal sealed class HeadImageUpkeep : IDisposable
{
    /// <summary>A new image is due when the log has grown by so much.</summary>
    public const long LogBytes = 48 * 1024 * 1024;

    /// <summary>A new image is due after so long.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly Head _head;
    private readonly IDataDirectory _directory;
    private readonly string _walPath;
    private readonly Committer _committer;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private readonly AutoResetEvent _signal = new(initialState: false);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private readonly Thread _thread;
    private WalPosition _seen;
    private long _grownBytes;
    private bool _isDue;
    private bool _isStopped;

    /// <summary>Starts the thread.</summary>
    /// <param name="head">The head.</param>
    /// <param name="directory">The data directory.</param>
    /// <param name="walPath">The log's directory in it.</param>
    /// <param name="committer">Who appends.</param>
    /// <param name="read">The image that the start has used, if there is one, and the log's bytes behind it.</param>
    /// <param name="logger">Told of images.</param>
    /// <param name="timeProvider">The clock.</param>
    public HeadImageUpkeep(
        Head head,
        IDataDirectory directory,
        string walPath,
        Committer committer,
        (HeadImageFigures? Image, long LogBytes) read,
        ILogger logger,
        TimeProvider timeProvider)
    {
        _head = head;
        _directory = directory;
        _walPath = walPath;
        _committer = committer;
        _logger = logger;
        _timeProvider = timeProvider;
        SizeBytes = read.Image?.SizeBytes ?? 0;
        _grownBytes = read.LogBytes;
        _seen = committer.WalPosition;
        _timer = timeProvider.CreateTimer(
            static state => ((HeadImageUpkeep)state!).Request(), this, Interval, Interval);
        _thread = new Thread(Run) { Name = "tsdb-head-image", IsBackground = true };
        _thread.Start();
        if (_grownBytes >= LimitBytes) Request();
    }

    /// <summary>The size at which a section of series ends; for tests.</summary>
    public int SectionBytes { get; set; } = HeadImageFormat.SectionBytes;

    /// <summary>Images written.</summary>
    public long Written { get; private set; }

    /// <summary>Images that could not be written.</summary>
    public long Failed { get; private set; }

    /// <summary>Bytes of all images written.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>Size of the last image that was written or read.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Time spent on all images.</summary>
    public TimeSpan Elapsed { get; private set; }

    private long LimitBytes => Math.Max(LogBytes, SizeBytes);

    /// <summary>Told by the committer, between two groups, where the log ends.</summary>
    public void Observe(WalPosition position)
    {
        var grown = position.OffsetBytes - (position.Segment == _seen.Segment ? _seen.OffsetBytes : 0);
        if (grown == 0) return;
        _seen = position;
        if (Interlocked.Add(ref _grownBytes, grown) >= LimitBytes && !Volatile.Read(ref _isDue)) Request();
    }

    /// <summary>The last image is of no use any more: a new one is written at once.</summary>
    public void Invalidate()
    {
        Interlocked.Increment(ref _grownBytes);
        Request();
    }

    /// <summary>Asks for a new image, if something has changed.</summary>
    public void Request()
    {
        Volatile.Write(ref _isDue, true);
        lock (_lock)
        {
            if (!_isStopped) _signal.Set();
        }
    }

    /// <summary>Ends the thread; an image that is being written is given up. Blocks until then.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isStopped) return;
            _isStopped = true;
            _signal.Set();
        }

        _timer.Dispose();
        _stopping.Cancel();
        _thread.Join();
        _stopping.Dispose();
        _signal.Dispose();
    }

    /// <summary>Writes an image on the caller's thread, unless nothing has changed.</summary>
    public void WriteNow() => TryWrite(OnCommitter, _stopping.Token);

    /// <summary>
    /// Writes the last image, of a head that nobody appends to any more, unless the newest one shows it. After <see
    /// cref="Dispose"/>.
    /// </summary>
    public void WriteLast()
    {
        if (_committer.Broken is null) TryWrite(onCommitter: null, CancellationToken.None);
    }

    private void Run()
    {
        while (true)
        {
            _signal.WaitOne();
            if (_stopping.IsCancellationRequested || Volatile.Read(ref _isStopped)) return;
            if (_committer.Broken is null) TryWrite(OnCommitter, _stopping.Token);
        }
    }

    private void OnCommitter(Action job) => _committer.InvokeAsync(job).GetAwaiter().GetResult();

    private void TryWrite(Action<Action>? onCommitter, CancellationToken cancellationToken)
    {
        lock (_writing) Write(onCommitter, cancellationToken);
    }

    private void Write(Action<Action>? onCommitter, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _grownBytes) == 0 || _head.Table.LivingCount == 0)
        {
            Volatile.Write(ref _isDue, false);
            return;
        }

        var start = _timeProvider.GetTimestamp();
        try
        {
            var writer = new HeadImageWriter(_head, _directory, _walPath, onCommitter) { SectionBytes = SectionBytes };
            var image = writer.Write(Begin, cancellationToken);
            Written++;
            SizeBytes = image.SizeBytes;
            WrittenBytes += image.SizeBytes;
            var elapsed = _timeProvider.GetElapsedTime(start);
            Elapsed += elapsed;
            HeadImageLog.Written(_logger, image.Series, image.SizeBytes, (long)elapsed.TotalMilliseconds);
        }
        catch (Exception error) when (error is OperationCanceledException or StorageUnavailableException)
        {
            // Closing: the last one follows.
        }
        catch (Exception error)
        {
            // Whatever it is: the log has everything, and the server goes on.
            Failed++;
            HeadImageLog.NotWritten(_logger, error);
        }
    }

    // Between two groups. Also of an image that fails the log counts: it is not tried again at once.
    private WalPosition Begin()
    {
        Volatile.Write(ref _grownBytes, 0);
        Volatile.Write(ref _isDue, false);
        return _seen = _committer.WalPosition;
    }
}

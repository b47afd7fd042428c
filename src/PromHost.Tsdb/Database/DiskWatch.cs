using System.Globalization;
using Microsoft.Extensions.Logging;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Looks once a second how much room the disk has. Below the floor no writes are taken, so that what makes room
/// (compaction, truncation of the log) has room to work in; they are taken again a little above it. Thread-safe.
/// </summary>
internal sealed class DiskWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A floor meant for a usual disk must not close a small one.
    private const int SmallDiskParts = 16;

    private readonly IDataDirectory _directory;
    private readonly DatabaseOptions _options;
    private readonly ILogger _logger;
    private readonly ITimer? _timer;
    private long _freeBytes;
    private long _floorBytes;
    private bool _isLow;

    /// <summary>Begins to watch; the first look is taken before it returns.</summary>
    public DiskWatch(
        IDataDirectory directory, DatabaseOptions options, ILogger logger, TimeProvider timeProvider)
    {
        _directory = directory;
        _options = options;
        _logger = logger;
        Look();
        if (options.MinFreeBytes > 0)
            _timer = timeProvider.CreateTimer(static state => ((DiskWatch)state!).Look(), this, Interval, Interval);
    }

    /// <summary>Free bytes at the last look.</summary>
    public long FreeBytes => Volatile.Read(ref _freeBytes);

    /// <summary>The floor in force, in bytes.</summary>
    public long FloorBytes => Volatile.Read(ref _floorBytes);

    /// <summary>Is there less room than the floor?</summary>
    public bool IsLow => Volatile.Read(ref _isLow);

    /// <summary>Throws when writes are not taken.</summary>
    /// <exception cref="StorageUnavailableException">The disk is nearly full; says when to try again.</exception>
    public void ThrowIfLow()
    {
        if (IsLow) throw Low();
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private StorageUnavailableException Low() => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"the disk is nearly full: {FreeBytes >> 20} MiB are free, {FloorBytes >> 20} MiB are kept free; ") +
        "the storage takes no writes until there is room",
        _options.DiskFullRetryAfter);

    private void Look()
    {
        long free;
        long total;
        try
        {
            (free, total) = _directory.Space;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nothing is known: a write will tell.
            return;
        }

        var floor = Math.Min(_options.MinFreeBytes, total / SmallDiskParts);
        Volatile.Write(ref _freeBytes, free);
        Volatile.Write(ref _floorBytes, floor);
        var isLow = free < (IsLow ? floor + (floor / 8) : floor);
        if (isLow == IsLow) return;
        Volatile.Write(ref _isLow, isLow);
        if (isLow) TsdbLog.DiskLow(_logger, free >> 20, floor >> 20);
        else TsdbLog.DiskHasRoom(_logger);
    }
}

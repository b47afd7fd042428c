using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>
/// Begins a replay with the head image, if there is one that can be trusted: what the log holds up to the image's place
/// is in the head then, and is read only to see whether it is sound. Used by <see cref="HeadReplay"/>.
/// </summary>
/// <param name="head">The head, empty.</param>
/// <param name="directory">The data directory.</param>
/// <param name="walPath">The log's directory in it.</param>
/// <param name="logger">Told why an image is not used.</param>
internal sealed class HeadImageReplay(Head head, IDataDirectory directory, string walPath, ILogger logger)
{
    private Task<IReadOnlyList<WalDamage>>? _earlier;
    private HeadImageBuild? _build;

    /// <summary>
    /// Were series evicted that the log has still? Then no image is used: a deletion has to know their numbers in the
    /// log, and so they have to be in the head again.
    /// </summary>
    public bool LacksEvicted { get; set; }

    /// <summary>The image that was used; null: none.</summary>
    public HeadImageFigures? Used { get; private set; }

    /// <summary>What fills the head just now, or null. For any thread.</summary>
    public HeadImageBuild? Build => Volatile.Read(ref _build);

    /// <summary>What of the log is missing, as an image that cannot be used for it tells.</summary>
    public IReadOnlyList<Damage> Missing { get; private set; } = [];

    /// <summary>Was there an image that could not be used?</summary>
    public bool IsIgnored { get; private set; }

    /// <summary>Fills the head from the image.</summary>
    /// <param name="chunks">The chunks of the mapped files, by series.</param>
    /// <param name="register">Takes note of a series and its number, and gives it its full chunks.</param>
    /// <param name="seriesOf">The series of a number; 0 when it has none.</param>
    /// <param name="applyRecord">Applies a record as the log holds them.</param>
    /// <param name="stopping">Ends the look at the part of the log that is not read.</param>
    /// <returns>Where the log is to be read from; null: from its beginning, the head is still empty.</returns>
    public WalPosition? TryRun(
        IReadOnlyDictionary<ulong, List<MappedChunk>> chunks,
        Action<int, ulong> register,
        Func<ulong, int> seriesOf,
        RecordReceiver applyRecord,
        CancellationToken stopping)
    {
        using var image = HeadImage.TryOpen(
            directory, walPath, head.Appender.BlockRangeMs, out var problem, out var missing);
        Missing = missing;
        var check = new HeadImageCheck(head, chunks);
        if (image is not null) problem ??= LacksEvicted ? "series were evicted early" : check.FindProblem(image);
        if (problem is not null)
        {
            IsIgnored = true;
            HeadImageLog.Ignored(logger, problem);
            return null;
        }

        if (image is null) return null;
        _earlier = Task.Factory.StartNew(
            () => ReadEarlier(image.Position, stopping),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var build = new HeadImageBuild(head, image, check, register, seriesOf);
        Volatile.Write(ref _build, build);
        build.Run(applyRecord);
        // What it knows is of no use any more.
        Volatile.Write(ref _build, null);
        Used = new HeadImageFigures(image.Position, image.SizeBytes, image.Series);
        HeadImageLog.Used(logger, image.Series, image.Position.Segment, image.Position.OffsetBytes);
        return image.Position;
    }

    /// <summary>
    /// The damage in the part of the log that is not read. Where there is any, the image is removed: its place is not
    /// the same in the repaired log.
    /// </summary>
    public IReadOnlyList<WalDamage> TakeEarlierDamages()
    {
        if (_earlier is null) return [];
        var damages = _earlier.GetAwaiter().GetResult();
        if (damages.Count > 0) directory.Delete(HeadImageFormat.Path);
        return damages;
    }

    /// <summary>
    /// Removes an image that could not be used, before anything is logged. The log alone may give a series another
    /// number than the image has, where it went and came again: what is logged from now on under that number would be
    /// unknown to a later start that could use the image.
    /// </summary>
    public void RemoveIgnored()
    {
        if (!IsIgnored) return;
        directory.Delete(HeadImageFormat.Path);
        // A power cut would bring it back.
        directory.SyncDirectory(HeadImageFormat.DirectoryName);
    }

    /// <summary>A reader of the log up to the place of an image.</summary>
    public static WalReader ReadUpTo(
        IDataDirectory directory, string walPath, WalPosition position, bool isLeftCompressed)
    {
        var segments = WalSegments.ListForReplay(directory, walPath).ToList();
        // A checkpoint's segments have numbers of their own, and come first.
        var at = segments.FindIndex(s => s.Path == WalSegments.PathOf(walPath, position.Segment));
        return new WalReader(directory, segments[..(position.OffsetBytes > 0 ? at + 1 : Math.Max(at, 0))])
        {
            EndBytes = position.OffsetBytes > 0 ? position.OffsetBytes : long.MaxValue,
            IsLeftCompressed = isLeftCompressed,
        };
    }

    private IReadOnlyList<WalDamage> ReadEarlier(WalPosition position, CancellationToken stopping)
    {
        using var reader = ReadUpTo(directory, walPath, position, isLeftCompressed: true);
        while (!stopping.IsCancellationRequested && reader.TryRead(out _))
        {
        }

        return reader.Damages;
    }
}

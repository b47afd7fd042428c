using System.Globalization;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>
/// Checks logs: the framing and checksum of every record, its content, and that every series it speaks of was
/// introduced before. One for the write-ahead log with its checkpoints and the out-of-order log, in this order.
/// </summary>
internal sealed class LogVerify
{
    private readonly IDataDirectory _directory;
    private readonly ProblemList _problems;
    private readonly SeriesRefSet _series = new();
    private readonly RawHistogram _histogram = new();
    private readonly Dictionary<string, (long Count, long OffsetBytes)> _unknown = new(StringComparer.Ordinal);
    private long _neededFromMs;

    public LogVerify(IDataDirectory directory, ProblemList problems)
    {
        _directory = directory;
        _problems = problems;
    }

    /// <summary>Bytes read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Checks a log: its finished checkpoints, oldest first, then its segments.</summary>
    /// <param name="path">The log's directory.</param>
    /// <param name="neededFromMs">
    /// A start passes over what is older without asking for its series: it is in blocks, and a checkpoint leaves out
    /// series of which there is nothing else.
    /// </param>
    /// <param name="progress">Called now and then.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public void Run(string path, long neededFromMs, Action progress, CancellationToken cancellationToken)
    {
        _neededFromMs = neededFromMs;
        foreach (var checkpoint in Checkpoints(path)) RunFolder(checkpoint, progress, cancellationToken);
        RunFolder(path, progress, cancellationToken);
        foreach (var (file, unknown) in _unknown)
        {
            _problems.Add(
                file, unknown.OffsetBytes, $"{unknown.Count} entries are of series that no record introduces");
        }

        _unknown.Clear();
    }

    private IEnumerable<string> Checkpoints(string path) =>
        _directory.List(path)
            .Where(name => name.StartsWith(WalSegments.CheckpointPrefix, StringComparison.Ordinal))
            .Where(name => IsNumber(name.AsSpan(WalSegments.CheckpointPrefix.Length)))
            .Order(StringComparer.Ordinal)
            .Select(name => $"{path}/{name}");

    // One with a suffix was never finished.
    private static bool IsNumber(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private void RunFolder(string path, Action progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<WalSegment> segments = [];
        if (!_problems.Try(path, () => segments = WalSegments.List(_directory, path))) return;
        _problems.Try(path, () => Read(segments, progress, cancellationToken));
    }

    private void Read(IReadOnlyList<WalSegment> segments, Action progress, CancellationToken cancellationToken)
    {
        using var reader = new WalReader(_directory, segments);
        var before = BytesRead;
        var records = 0;
        while (reader.TryRead(out var record))
        {
            // No checksum covers the flags.
            if (reader.StoredFlags is not (0 or WalFormat.SnappyFlag or WalFormat.ZstdFlag))
                _problems.Add(reader.Segment.Path, reader.RecordStartBytes, "the flags of a record are unknown");
            Check(record, reader.Segment.Path, reader.RecordStartBytes);
            if (++records % 1024 != 0) continue;
            cancellationToken.ThrowIfCancellationRequested();
            BytesRead = before + reader.TotalBytes;
            progress();
        }

        BytesRead = before + reader.TotalBytes;
        foreach (var damage in reader.Damages) _problems.Add(damage.Path, damage.StartBytes, damage.Reason);
    }

    private void CountUnknown(string path, long offset)
    {
        var first = _unknown.GetValueOrDefault(path, (Count: 0, OffsetBytes: offset));
        _unknown[path] = first with { Count = first.Count + 1 };
    }

    private void Check(ReadOnlySpan<byte> record, string path, long offset)
    {
        var type = WalRecordDecoder.TypeOf(record);
        if (type == WalRecordType.Unknown)
        {
            var what = record.IsEmpty ? "a record is empty" : $"records of type {record[0]} are unknown";
            _problems.Add(path, offset, what);
            return;
        }

        var entries = new WalEntries(record);
        while (entries.MoveNext())
        {
            if (type == WalRecordType.Series)
                _series.Add(entries.Ref);
            else if (entries.TimeMs >= _neededFromMs && !_series.Contains(entries.Ref))
                CountUnknown(path, offset);
        }

        if (entries.IsMalformed) _problems.Add(path, offset, $"a record of type {type} is malformed");
        if (!WalHistograms.Holds(type)) return;
        var histograms = new WalHistograms(record, _histogram);
        while (histograms.MoveNext())
        {
        }

        if (histograms.Unreadable > 0)
            _problems.Add(path, offset, $"{histograms.Unreadable} histograms of a record are invalid");
    }
}

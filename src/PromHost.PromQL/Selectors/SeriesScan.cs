// Hot path: every sample that a query reads comes through here.
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// A leaf of the evaluation: selects series from the storage and turns each of them, on its own, into a row. Several
/// workers do that for runs of neighbouring series at a time; the rows come out in the order of the storage, so the
/// result does not depend on how many workers there were.
/// </summary>
internal abstract class SeriesScan : SeriesOperator
{
    // An entry of a selection, and what becomes of it in the output.
    private const long EntryBytes = 48;

    private readonly QueryContext _context;
    private readonly VectorSelector _selector;
    private readonly SelectHints _hints;
    private SeriesSet? _set;
    private SeriesEntry[] _entries = [];
    private SeriesScanRuns? _runs;
    private ScanBuffer? _ownBuffer;
    private int _next;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query.</param>
    /// <param name="grid">The steps.</param>
    /// <param name="selector">What to select.</param>
    /// <param name="hints">What will be read, for the storage.</param>
    /// <param name="counts">Where the samples are counted.</param>
    protected SeriesScan(
        QueryContext context, StepGrid grid, VectorSelector selector, in SelectHints hints, QuerySampleCounts counts)
        : base(grid)
    {
        _context = context;
        _selector = selector;
        _hints = hints;
        Counts = counts;
    }

    /// <summary>Where the samples are counted.</summary>
    protected QuerySampleCounts Counts { get; }

    /// <summary>The query.</summary>
    protected QueryContext Context => _context;

    /// <summary>The series as selected, in order; filled by <see cref="Open"/>.</summary>
    protected ReadOnlySpan<SeriesEntry> Entries => _entries;

    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open()
    {
        var watch = new ReadWatch(_context.CancellationToken, _context.HoldBytes);
        _context.Node.Watch = watch;
        _set = _context.Querier.Select(_hints with { Watch = watch }, _selector.Matchers);
        if (_context.Node.Measure is { } measure) measure.EstimatedSeries = _set.CountEstimate;
        _entries = ReadEntries(_set);
        var outputs = new OutputSeries[_entries.Length];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = Describe(_entries[i]);
        var workers = _context.Limits.Workers;
        var runLength = Math.Clamp((_entries.Length + workers * 4 - 1) / (workers * 4), 1, MaxRunLength());
        if (workers > 1 && _context.Helpers is not null && _entries.Length >= 4 && IsWorthSharing())
            _runs = new SeriesScanRuns(this, _context, _entries.Length, runLength);
        return outputs;
    }

    /// <inheritdoc/>
    public override bool TryNext(SeriesRow row)
    {
        if (_next == _entries.Length) return false;
        if (_runs is not null)
        {
            _runs.Take(_next, row);
        }
        else
        {
            if ((_next & 15) == 0) _context.CheckEnded();
            _ownBuffer ??= NewBuffer();
            Evaluate(_next, _ownBuffer, row);
            if (_next == _entries.Length - 1) _ownBuffer.FlushTo(Counts, _context.Node);
        }

        Inspect(_next++, row);
        return true;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _runs?.Dispose();
        _set?.Dispose();
        base.Dispose();
    }

    /// <summary>Turns a series into a row. Called by several threads, each with a buffer and rows of its own.</summary>
    /// <param name="index">Which series.</param>
    /// <param name="buffer">Scratch memory of the calling thread.</param>
    /// <param name="row">Cleared and filled.</param>
    internal void Evaluate(int index, ScanBuffer buffer, SeriesRow row)
    {
        row.Clear();
        Fill(_set!, _entries[index], buffer, row);
        if (buffer.SizeBytes > buffer.HeldBytes) Account(buffer);
    }

    /// <summary>Adds up what a thread has counted.</summary>
    internal void Flush(ScanBuffer buffer) => buffer.FlushTo(Counts, _context.Node);

    /// <summary>What the series is called in the output.</summary>
    protected virtual OutputSeries Describe(in SeriesEntry entry) => new(entry.Labels);

    /// <summary>Looks at a finished row, in order and on the thread of the query: annotations and checks.</summary>
    protected virtual void Inspect(int index, SeriesRow row)
    {
    }

    /// <summary>Fills a row that is cleared already.</summary>
    protected abstract void Fill(SeriesSet set, in SeriesEntry entry, ScanBuffer buffer, SeriesRow row);

    private ScanBuffer NewBuffer() => new() { Cancellation = _context.CancellationToken };

    // Buffers grow and are kept; what was decoded last is a part of them.
    private void Account(ScanBuffer buffer)
    {
        _context.HoldBytes(buffer.SizeBytes - buffer.HeldBytes);
        buffer.HeldBytes = buffer.SizeBytes;
    }

    private SeriesEntry[] ReadEntries(SeriesSet set)
    {
        _context.HoldBytes(set.CountEstimate * EntryBytes);
        var entries = new SeriesEntry[Math.Max(16, set.CountEstimate)];
        var count = 0;
        while (true)
        {
            _context.CheckEnded();
            if (count == entries.Length) Array.Resize(ref entries, count * 2);
            var read = set.ReadNext(entries.AsSpan(count, Math.Min(1024, entries.Length - count)));
            if (read == 0) break;
            HoldLabels(entries.AsSpan(count, read));
            count += read;
        }

        return count == entries.Length ? entries : entries[..count];
    }

    private void HoldLabels(ReadOnlySpan<SeriesEntry> entries)
    {
        var bytes = 0L;
        foreach (ref readonly var entry in entries) bytes += QueryContext.BytesOf(entry.Labels);
        _context.HoldBytes(bytes);
    }

    // Rows wait in memory until their turn: about 256 KiB per run at most, where more than one fits.
    private int MaxRunLength() => Math.Clamp((1 << 15) / Grid.Count, 1, 64);

    // A handful of single points is read faster than another thread wakes up.
    private bool IsWorthSharing() => (long)_entries.Length * (Grid.Count + _hints.RangeMs / 15_000) >= 2_000;
}

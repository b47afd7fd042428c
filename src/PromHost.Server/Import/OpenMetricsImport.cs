using PromHost.Exposition;
using PromHost.Model;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>
/// Makes blocks of a file of OpenMetrics. The file is read once to find out whether it is good, and how many samples
/// lie in which range of time; then once more for as many ranges as are held in memory at a time.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="extraLabels">Set on every series; an empty value takes a label away.</param>
/// <param name="rangeMs">The time that a block may span.</param>
/// <param name="progress">Told how far it is.</param>
internal sealed class OpenMetricsImport(
    LineFile file,
    IReadOnlyList<KeyValuePair<string, string>> extraLabels,
    long rangeMs,
    Action<ToolProgress>? progress)
{
    // Samples of several ranges that are held together; one range alone may have more.
    private const long SamplesPerPass = 4_000_000;

    private readonly LabelsBuilder _labels = new();

    /// <summary>Runs it.</summary>
    /// <param name="dataPath">Where the blocks belong.</param>
    /// <param name="cancellationToken">Ends it; nothing is left then.</param>
    /// <returns>The blocks.</returns>
    /// <exception cref="ImportException">The file is wrong; nothing was changed.</exception>
    /// <exception cref="IOException">The file cannot be read, or a block not be written.</exception>
    public IReadOnlyList<BlockSummary> Run(string dataPath, CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<long, long>();
        var lastStart = long.MinValue;
        var lastCount = 0L;
        ReadAll(
            "check",
            (ref OpenMetricsReader reader) =>
            {
                var start = BlockImport.StartOf(Check(ref reader), rangeMs);
                if (start != lastStart)
                {
                    counts[lastStart] = lastCount;
                    lastStart = start;
                    lastCount = counts.GetValueOrDefault(start);
                }

                lastCount++;
            },
            cancellationToken);
        counts[lastStart] = lastCount;
        counts.Remove(long.MinValue);

        using var import = new BlockImport(dataPath, rangeMs);
        foreach (var (fromMs, toMs) in Passes(counts))
        {
            ReadAll(
                "import",
                (ref OpenMetricsReader reader) =>
                {
                    if (reader.TimestampMs >= fromMs && reader.TimestampMs < toMs) Append(ref reader, import);
                },
                cancellationToken);
            import.WriteBlocks(cancellationToken);
        }

        return import.Publish();
    }

    private delegate void SeriesVisitor(ref OpenMetricsReader reader);

    // Ranges that are read together.
    private IEnumerable<(long FromMs, long ToMs)> Passes(SortedDictionary<long, long> counts)
    {
        (long FromMs, long ToMs, long Samples)? pass = null;
        foreach (var (start, samples) in counts)
        {
            if (pass is { } open && open.Samples + samples <= SamplesPerPass)
            {
                pass = (open.FromMs, start + rangeMs, open.Samples + samples);
                continue;
            }

            if (pass is { } full) yield return (full.FromMs, full.ToMs);
            pass = (start, start + rangeMs, samples);
        }

        if (pass is { } last) yield return (last.FromMs, last.ToMs);
    }

    private void ReadAll(string step, SeriesVisitor visit, CancellationToken cancellationToken)
    {
        var family = new OpenMetricsFamily();
        file.Rewind();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.ReadNext();
            progress?.Invoke(new ToolProgress(step, file.Position, file.Length));
            var reader = new OpenMetricsReader(file.Piece, family, default, file.IsLast);
            ExpositionEntryKind kind;
            while ((kind = reader.Read()) is not (ExpositionEntryKind.Error or ExpositionEntryKind.NeedsMore
                or ExpositionEntryKind.End))
            {
                if (kind == ExpositionEntryKind.Series) visit(ref reader);
            }

            if (kind == ExpositionEntryKind.Error) throw Wrong(reader.Error!.Line, reader.Error.Column,
                reader.Error.Message);
            if (kind == ExpositionEntryKind.End)
            {
                if (file.IsLast || file.Position == file.Length) return;
                throw Wrong(reader.Line + 1, 1, "unexpected data after # EOF");
            }

            reader.EndPiece();
        }
    }

    private long Check(ref OpenMetricsReader reader)
    {
        if (reader.TimestampMs is not { } timestampMs)
        {
            reader.CopyLabels(_labels);
            throw Wrong(reader.Line, 1, $"expected timestamp for series {_labels.ToLabels()}, got none");
        }

        if (reader.HasDuplicateLabels())
            throw Wrong(reader.Line, 1, "a label name is not unique");
        return timestampMs;
    }

    private void Append(ref OpenMetricsReader reader, BlockImport import)
    {
        // The same text stands for other labels where bounds and quantiles are written anew.
        var raw = reader.Type is OpenMetricsType.Histogram or OpenMetricsType.Summary ? default : reader.RawSeries;
        var timestampMs = reader.TimestampMs!.Value;
        if (!import.TryAppend(raw, timestampMs, reader.Value, out var outcome))
        {
            var labels = MakeLabels(ref reader);
            if (labels.IsEmpty) throw Wrong(reader.Line, 1, "the series has no labels");
            outcome = import.Append(labels, raw, timestampMs, reader.Value);
        }

        if (outcome is ImportOutcome.Added or ImportOutcome.Repeated) return;
        throw Wrong(reader.Line, 1, outcome == ImportOutcome.Conflicting
            ? $"series {MakeLabels(ref reader)} has another value at the same time before"
            : $"out of order: series {MakeLabels(ref reader)} has a newer sample before");
    }

    private Labels MakeLabels(ref OpenMetricsReader reader)
    {
        reader.CopyLabels(_labels);
        foreach (var (name, value) in extraLabels) _labels.Set(name, value);
        return _labels.ToLabels();
    }

    private ImportException Wrong(long line, int column, string message) =>
        new(FormattableString.Invariant($"{file.Path}:{line}:{column}: {message}"));
}

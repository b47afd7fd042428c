// Hot path: called per series and sample of every batch.
using System.Text;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Stages one batch into the head.</summary>
internal sealed class HeadAppender(Database database, SeriesTable table, AppendBatch stage) : IAppender
{
    private AppendBatch? _batch = stage;
    private bool _isSubmitted;
    private ulong _cursor;

    /// <inheritdoc/>
    public bool TryGetSeries(ReadOnlySpan<byte> rawLabels, out SeriesRef series)
    {
        var found = table.TryGet(rawLabels, ref _cursor, out var number);
        series = new SeriesRef((ulong)number);
        return found;
    }

    /// <inheritdoc/>
    public SeriesRef GetOrAddSeries(Labels labels, ReadOnlySpan<byte> rawLabels)
    {
        if (labels.IsEmpty) throw new ArgumentException("a series needs labels", nameof(labels));
        return new SeriesRef((ulong)table.GetOrAdd(labels, rawLabels, ref _cursor));
    }

    /// <inheritdoc/>
    public void Append(SeriesRef series, ReadOnlySpan<FloatSample> samples) =>
        Staging().Add(Check(series), samples);

    /// <inheritdoc/>
    public void AppendHistogram(
        SeriesRef series, long timestampMs, long startTimestampMs, NativeHistogram histogram) =>
        Staging().Add(Check(series), timestampMs, new StagedDetail(startTimestampMs, histogram));

    /// <inheritdoc/>
    public void AppendExemplar(SeriesRef series, Exemplar exemplar)
    {
        var number = Check(series);
        if (database.Head.Exemplars.IsEnabled) Staging().Exemplars.Add(new StagedExemplar(number, exemplar));
    }

    /// <inheritdoc/>
    public void UpdateMetadata(ReadOnlySpan<byte> family, MetricMetadata metadata) =>
        Staging().Metadata.Add(new(Encoding.UTF8.GetString(family), metadata));

    /// <inheritdoc/>
    public ValueTask<AppendReport> CommitAsync(CancellationToken cancellationToken = default)
    {
        var batch = Staging();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<AppendReport>(cancellationToken);
        _isSubmitted = true;
        return database.Commit(batch);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var batch = _batch;
        _batch = null;
        if (batch is null) return;
        batch.LetGo();
        database.Recycle(batch);
    }

    private AppendBatch Staging()
    {
        ObjectDisposedException.ThrowIf(_batch is null, this);
        if (_isSubmitted) throw new InvalidOperationException("the batch is committed already");
        return _batch;
    }

    private int Check(SeriesRef series)
    {
        if (series.Value - 1 >= (ulong)table.MaxSeries)
            throw new ArgumentOutOfRangeException(nameof(series), series, "no series of this storage");
        return (int)series.Value;
    }
}

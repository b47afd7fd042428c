using PromHost.Model;

namespace PromHost.Storage;

/// <summary>
/// One batch of samples on its way into the storage: stage first, then commit once. Used by one thread at a time.
/// Staging never fails a sample: outcomes are decided in <see cref="CommitAsync"/>, where samples of other batches are
/// seen too. Disposing without a commit drops what was staged.
/// </summary>
public interface IAppender : IDisposable
{
    /// <summary>Finds a known series by its labels as the sender encoded them; allocates nothing.</summary>
    /// <param name="rawLabels">The encoded labels; opaque to the storage, compared bytewise.</param>
    /// <param name="series">The series when it is known.</param>
    bool TryGetSeries(ReadOnlySpan<byte> rawLabels, out SeriesRef series);

    /// <summary>Finds or creates the series with these labels.</summary>
    /// <param name="labels">Valid labels, not empty.</param>
    /// <param name="rawLabels">
    /// A sender's encoding to remember for <see cref="TryGetSeries"/>, or empty. Copied. A series remembers only a few.
    /// </param>
    SeriesRef GetOrAddSeries(Labels labels, ReadOnlySpan<byte> rawLabels);

    /// <summary>Stages float samples of one series.</summary>
    /// <param name="series">From this appender's look-ups.</param>
    /// <param name="samples">In the sender's order; copied.</param>
    void Append(SeriesRef series, ReadOnlySpan<FloatSample> samples);

    /// <summary>Stages a native histogram sample.</summary>
    /// <param name="series">From this appender's look-ups.</param>
    /// <param name="timestampMs">Milliseconds since the Unix epoch.</param>
    /// <param name="startTimestampMs">When the counter started; 0 is unknown.</param>
    /// <param name="histogram">The sample; shared, not copied.</param>
    void AppendHistogram(SeriesRef series, long timestampMs, long startTimestampMs, NativeHistogram histogram);

    /// <summary>Stages an exemplar. A failing exemplar never fails a batch.</summary>
    void AppendExemplar(SeriesRef series, Exemplar exemplar);

    /// <summary>Stages the metadata of a metric family.</summary>
    /// <param name="family">The family's name, UTF-8.</param>
    /// <param name="metadata">What is known of it.</param>
    void UpdateMetadata(ReadOnlySpan<byte> family, MetricMetadata metadata);

    /// <summary>
    /// Decides, logs and applies what was staged. When the task completes, the stored samples have the durability that
    /// the storage promises and are visible to new queries. Waiting for the disk blocks no pool thread.
    /// </summary>
    /// <returns>What became of the samples.</returns>
    /// <exception cref="StorageUnavailableException">Nothing of the batch was stored; it may be sent again.</exception>
    ValueTask<AppendReport> CommitAsync(CancellationToken cancellationToken = default);
}

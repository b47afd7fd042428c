using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// What one appender staged, and the task of its commit. Pooled: owned by the appender until it is submitted, by the
/// committer until it is completed, then by the appender again.
/// </summary>
internal sealed class AppendBatch : IValueTaskSource<AppendReport>
{
    private const int MaxPooledSamples = 16 * 1024;

    private StagedSample[] _samples = new StagedSample[256];
    private ManualResetValueTaskSourceCore<AppendReport> _completion = new() { RunContinuationsAsynchronously = true };
    private List<RejectedSample>? _rejected;
    private int _stored;
    private int _alreadyStored;
    private Epochs? _epochs;
    private long _epoch;
    private long _removedBefore;
    private int _holders;
    private bool _isSubmitted;
    private bool _isConsumed;

    /// <summary>The number of staged samples.</summary>
    public int Count { get; private set; }

    /// <summary>The staged samples.</summary>
    public ReadOnlySpan<StagedSample> Samples => _samples.AsSpan(0, Count);

    /// <summary>
    /// The staged native histograms and floats with start timestamps; their series and times are among <see
    /// cref="Samples"/>.
    /// </summary>
    public List<StagedDetail> Details { get; } = [];

    /// <summary>Are start timestamps of floats kept?</summary>
    public bool KeepsStartTimestamps { get; set; }

    /// <summary>The staged metadata, by family.</summary>
    public List<KeyValuePair<string, MetricMetadata>> Metadata { get; } = [];

    /// <summary>The staged exemplars.</summary>
    public List<StagedExemplar> Exemplars { get; } = [];

    /// <summary>Does it change nothing?</summary>
    public bool IsEmpty => Count == 0 && Metadata.Count == 0 && Exemplars.Count == 0;

    /// <summary>May it be used again: does nobody have it or wait for it any more, and is it not too large?</summary>
    public bool IsReusable => _isSubmitted == _isConsumed && _samples.Length <= MaxPooledSamples &&
        Details.Capacity <= MaxPooledSamples && Metadata.Capacity <= MaxPooledSamples &&
        Exemplars.Capacity <= MaxPooledSamples;

    /// <summary>
    /// Enters an epoch, in which the series that are looked up for the batch stay what they are until the appender is
    /// disposed of and the commit, if there is one, has ended.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The storage is closing.</exception>
    public void Enter(Head head)
    {
        _epoch = head.Epochs.Enter();
        _epochs = head.Epochs;
        _holders = 1;
        _removedBefore = head.Table.RemovedCount;
    }

    /// <summary>
    /// Puts those in the place of series that were removed since the batch found them which have their labels now,
    /// created where there are none. For the committer, which removes series: they are there then until it is done.
    /// </summary>
    public void ReplaceGone(Head head)
    {
        if (head.Table.RemovedCount == _removedBefore) return;
        foreach (ref var sample in _samples.AsSpan(0, Count))
        {
            // One with a detail has the complement of its series.
            var hasDetail = sample.Series < 0;
            var series = Living(head, hasDetail ? ~sample.Series : sample.Series);
            sample = sample with { Series = hasDetail ? ~series : series };
        }

        foreach (ref var exemplar in CollectionsMarshal.AsSpan(Exemplars))
            exemplar = exemplar with { Series = Living(head, exemplar.Series) };
    }

    /// <summary>The appender or the committer needs the epoch no more.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0) _epochs!.Leave(_epoch);
    }

    /// <summary>Stages samples of a series.</summary>
    public void Add(int series, ReadOnlySpan<FloatSample> samples)
    {
        if (_samples.Length - Count < samples.Length) Grow(samples.Length);
        if (KeepsStartTimestamps)
        {
            AddWithStarts(series, samples);
            return;
        }

        var count = Count;
        foreach (ref readonly var sample in samples)
            _samples[count++] = new StagedSample(series, sample.TimestampMs, sample.Value);
        Count = count;
    }

    /// <summary>Stages a native histogram of a series, or a float with a start timestamp.</summary>
    public void Add(int series, long timestampMs, StagedDetail detail)
    {
        if (_samples.Length == Count) Grow(1);
        // In its place among the samples: the complement of the series, and where the detail is.
        var index = BitConverter.Int64BitsToDouble(Details.Count);
        _samples[Count++] = new StagedSample(~series, timestampMs, index);
        Details.Add(detail);
    }

    /// <summary>What a sample with a complemented series stands for.</summary>
    public StagedDetail DetailOf(in StagedSample sample) =>
        Details[(int)BitConverter.DoubleToInt64Bits(sample.Value)];

    /// <summary>Gives the task of the commit, to be awaited once.</summary>
    public ValueTask<AppendReport> Submit()
    {
        _isSubmitted = true;
        Interlocked.Increment(ref _holders);
        return new ValueTask<AppendReport>(this, _completion.Version);
    }

    /// <summary>Counts stored samples.</summary>
    public void AddStored(int stored, int alreadyStored)
    {
        _stored += stored;
        _alreadyStored += alreadyStored;
    }

    /// <summary>Notes a rejected sample.</summary>
    public void Reject(RejectedSample sample) => (_rejected ??= []).Add(sample);

    /// <summary>What became of the samples, once they are decided.</summary>
    public AppendReport Report => new(_stored, _alreadyStored, _rejected ?? []);

    /// <summary>Completes the task.</summary>
    public void Complete()
    {
        // First, because the batch may be in use again as soon as the task is completed.
        LetGo();
        _completion.SetResult(Report);
    }

    /// <summary>Fails the task.</summary>
    public void Fail(Exception error)
    {
        LetGo();
        _completion.SetException(error);
    }

    /// <summary>Empties the batch for another use; nobody awaits the old task any more.</summary>
    public void Reset()
    {
        Count = 0;
        Details.Clear();
        Metadata.Clear();
        Exemplars.Clear();
        _stored = 0;
        _alreadyStored = 0;
        // Handed out with the report.
        _rejected = null;
        _isSubmitted = false;
        _isConsumed = false;
        _completion.Reset();
    }

    /// <inheritdoc/>
    public AppendReport GetResult(short token)
    {
        _isConsumed = true;
        return _completion.GetResult(token);
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    private void AddWithStarts(int series, ReadOnlySpan<FloatSample> samples)
    {
        foreach (ref readonly var sample in samples)
        {
            if (sample.StartTimestampMs == 0)
                _samples[Count++] = new StagedSample(series, sample.TimestampMs, sample.Value);
            else
                Add(series, sample.TimestampMs, new StagedDetail(sample.StartTimestampMs, sample.Value, null));
        }
    }

    private static int Living(Head head, int series) =>
        head.Store.State(series).IsGone ? head.Table.Revive(series) : series;

    private void Grow(int count) => Array.Resize(ref _samples, Math.Max(_samples.Length * 2, Count + count));
}

using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>What the committer has done so far. It writes, metrics read.</summary>
internal sealed class CommitCounters
{
    private readonly long[] _rejectedFloats = new long[byte.MaxValue + 1];
    private readonly long[] _rejectedHistograms = new long[byte.MaxValue + 1];
    private long _floatsAppended;
    private long _histogramsAppended;
    private long _samplesAlreadyStored;
    private long _outOfOrderFloats;
    private long _outOfOrderHistograms;
    private long _batches;
    private long _groups;
    private long _walSyncs;
    private long _walFailures;
    private long _wblFailures;

    /// <summary>The outcomes for which a sample is not stored.</summary>
    public static IReadOnlyList<AppendResult> Reasons { get; } = [.. Enum.GetValues<AppendResult>().Where(
        reason => reason is not (AppendResult.Stored or AppendResult.AlreadyStored))];

    /// <summary>Samples stored.</summary>
    public long SamplesAppended => Appended(areHistograms: false) + Appended(areHistograms: true);

    /// <summary>Those of the stored samples that came out of order.</summary>
    public long OutOfOrderAppended => OutOfOrder(areHistograms: false) + OutOfOrder(areHistograms: true);

    /// <summary>Samples that were stored before.</summary>
    public long SamplesAlreadyStored => Volatile.Read(ref _samplesAlreadyStored);

    /// <summary>Batches committed.</summary>
    public long Batches => Volatile.Read(ref _batches);

    /// <summary>Groups of batches committed.</summary>
    public long Groups => Volatile.Read(ref _groups);

    /// <summary>Syncs of the WAL.</summary>
    public long WalSyncs => Volatile.Read(ref _walSyncs);

    /// <summary>Groups that the logs did not take.</summary>
    public long WalFailures => Volatile.Read(ref _walFailures);

    /// <summary>Those of them that the out-of-order log did not take.</summary>
    public long WblFailures => Volatile.Read(ref _wblFailures);

    /// <summary>Floats or native histograms stored.</summary>
    public long Appended(bool areHistograms) =>
        areHistograms ? Volatile.Read(ref _histogramsAppended) : Volatile.Read(ref _floatsAppended);

    /// <summary>Those of them that came out of order.</summary>
    public long OutOfOrder(bool areHistograms) =>
        areHistograms ? Volatile.Read(ref _outOfOrderHistograms) : Volatile.Read(ref _outOfOrderFloats);

    /// <summary>Samples rejected for a reason.</summary>
    public long Rejected(AppendResult reason) =>
        Rejected(reason, areHistograms: false) + Rejected(reason, areHistograms: true);

    /// <summary>Floats or native histograms rejected for a reason.</summary>
    public long Rejected(AppendResult reason, bool areHistograms) =>
        Volatile.Read(ref (areHistograms ? _rejectedHistograms : _rejectedFloats)[(int)reason]);

    /// <summary>Counts a committed batch.</summary>
    public void Add(AppendReport report)
    {
        Volatile.Write(ref _batches, _batches + 1);
        Volatile.Write(ref _samplesAlreadyStored, _samplesAlreadyStored + report.AlreadyStored);
        foreach (var sample in report.Rejected)
            (sample.Histogram is null ? _rejectedFloats : _rejectedHistograms)[(int)sample.Reason]++;
    }

    /// <summary>Counts a committed group.</summary>
    public void AddGroup(CommitGroup group)
    {
        var histograms = group.HistogramCount;
        var late = group.OutOfOrderHistogramCount;
        Volatile.Write(ref _groups, _groups + 1);
        Volatile.Write(ref _floatsAppended, _floatsAppended + group.Count - histograms);
        Volatile.Write(ref _histogramsAppended, _histogramsAppended + histograms);
        Volatile.Write(ref _outOfOrderFloats, _outOfOrderFloats + group.OutOfOrderCount - late);
        Volatile.Write(ref _outOfOrderHistograms, _outOfOrderHistograms + late);
    }

    /// <summary>Counts a sync.</summary>
    public void AddWalSync() => Volatile.Write(ref _walSyncs, _walSyncs + 1);

    /// <summary>Counts a group that the out-of-order log did not take.</summary>
    public void AddWblFailure() => Volatile.Write(ref _wblFailures, _wblFailures + 1);

    /// <summary>Counts a group that the logs did not take.</summary>
    public void AddWalFailure() => Volatile.Write(ref _walFailures, _walFailures + 1);
}

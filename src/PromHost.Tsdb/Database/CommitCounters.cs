using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>What the committer has done so far. It writes, metrics read.</summary>
internal sealed class CommitCounters
{
    private readonly long[] _rejected = new long[byte.MaxValue + 1];
    private long _samplesAppended;
    private long _samplesAlreadyStored;
    private long _outOfOrderAppended;
    private long _batches;
    private long _groups;
    private long _walSyncs;
    private long _walFailures;
    private long _wblFailures;

    /// <summary>The outcomes for which a sample is not stored.</summary>
    public static IReadOnlyList<AppendResult> Reasons { get; } = [.. Enum.GetValues<AppendResult>().Where(
        reason => reason is not (AppendResult.Stored or AppendResult.AlreadyStored))];

    /// <summary>Samples stored.</summary>
    public long SamplesAppended => Volatile.Read(ref _samplesAppended);

    /// <summary>Those of the stored samples that came out of order.</summary>
    public long OutOfOrderAppended => Volatile.Read(ref _outOfOrderAppended);

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

    /// <summary>Samples rejected for a reason.</summary>
    public long Rejected(AppendResult reason) => Volatile.Read(ref _rejected[(int)reason]);

    /// <summary>Counts a committed batch.</summary>
    public void Add(AppendReport report)
    {
        Volatile.Write(ref _batches, _batches + 1);
        Volatile.Write(ref _samplesAppended, _samplesAppended + report.Stored);
        Volatile.Write(ref _samplesAlreadyStored, _samplesAlreadyStored + report.AlreadyStored);
        foreach (var sample in report.Rejected) _rejected[(int)sample.Reason]++;
    }

    /// <summary>Counts a committed group.</summary>
    /// <param name="outOfOrder">How many of its samples came out of order.</param>
    public void AddGroup(int outOfOrder)
    {
        Volatile.Write(ref _groups, _groups + 1);
        Volatile.Write(ref _outOfOrderAppended, _outOfOrderAppended + outOfOrder);
    }

    /// <summary>Counts a sync.</summary>
    public void AddWalSync() => Volatile.Write(ref _walSyncs, _walSyncs + 1);

    /// <summary>Counts a group that the out-of-order log did not take.</summary>
    public void AddWblFailure() => Volatile.Write(ref _wblFailures, _wblFailures + 1);

    /// <summary>Counts a group that the logs did not take.</summary>
    public void AddWalFailure() => Volatile.Write(ref _walFailures, _walFailures + 1);
}

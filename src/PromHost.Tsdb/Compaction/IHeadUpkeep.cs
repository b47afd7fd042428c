namespace PromHost.Tsdb;

/// <summary>What compaction needs of the database beside its blocks.</summary>
internal interface IHeadUpkeep
{
    /// <summary>The head.</summary>
    Head Head { get; }

    /// <summary>Told by the committer how far the head reaches.</summary>
    CompactionTrigger Trigger { get; }

    /// <summary>Runs something on the committer, when the batches that were decided before are applied.</summary>
    Task OnCommitterAsync(Action job);

    /// <summary>Frees what the head has before a time; nobody reads it any more.</summary>
    Task TruncateHeadAsync(long minTimeMs, CancellationToken cancellationToken);

    /// <summary>Makes chunks of all samples that came out of order so far.</summary>
    Task<OutOfOrderFreeze> FreezeOutOfOrderAsync(CancellationToken cancellationToken);

    /// <summary>Gives up what the log holds of before a time.</summary>
    Task<bool> TruncateWalAsync(long minTimeMs, CancellationToken cancellationToken);
}

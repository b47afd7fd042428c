namespace PromHost.Storage;

/// <summary>What an operator asks of a storage. Thread-safe.</summary>
public interface IStorageAdmin
{
    /// <summary>Counts of the head.</summary>
    HeadStatus GetHeadStatus();

    /// <summary>Where the series come from: the largest names and pairs.</summary>
    /// <param name="limit">Entries per list.</param>
    CardinalityStatus GetCardinality(int limit);

    /// <summary>How far the replay of the log has come.</summary>
    ReplayStatus GetReplayStatus();

    /// <summary>The blocks, ascending by their first timestamp.</summary>
    IReadOnlyList<BlockStatus> GetBlocks();

    /// <summary>Damage found in the files since the start, and whether writes are taken.</summary>
    StorageHealth GetHealth();

    /// <summary>What the storage's memory is used for.</summary>
    IReadOnlyList<MemoryUse> GetMemoryUse();
}

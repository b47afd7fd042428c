namespace PromHost.Tsdb;

/// <summary>The out-of-order chunks that a series had at one moment.</summary>
/// <param name="Series">The series.</param>
/// <param name="Chunks">Its chunks and perhaps later ones; the first ones never change.</param>
/// <param name="Count">The number of chunks that count.</param>
internal readonly record struct FrozenSeries(OutOfOrderSeries Series, MappedChunk[] Chunks, int Count)
{
    /// <summary>The chunks.</summary>
    public ReadOnlySpan<MappedChunk> AllChunks => Chunks.AsSpan(0, Count);

    /// <summary>May there be a sample in a range of time?</summary>
    public bool Overlaps(TimeInterval range)
    {
        foreach (ref readonly var chunk in AllChunks)
        {
            if (chunk.MinTimeMs <= range.MaxTimeMs && chunk.MaxTimeMs >= range.MinTimeMs) return true;
        }

        return false;
    }
}

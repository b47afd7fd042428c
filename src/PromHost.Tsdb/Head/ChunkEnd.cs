namespace PromHost.Tsdb;

/// <summary>When chunks end, as Prometheus reckons.</summary>
internal static class ChunkEnd
{
    /// <summary>The end of the block that a time lies in; divided towards zero.</summary>
    public static long OfBlock(long timestampMs, long blockRangeMs) =>
        (timestampMs / blockRangeMs * blockRangeMs) + blockRangeMs;

    /// <summary>
    /// The end that makes the chunks up to the last possible end equally long (<c>computeChunkEndTime</c>).
    /// </summary>
    /// <param name="startMs">Timestamp of the chunk's first sample.</param>
    /// <param name="lastMs">Timestamp of its last sample now.</param>
    /// <param name="endMs">The last possible end.</param>
    /// <param name="ratioToFull">How many times as large a full chunk is.</param>
    public static long Predict(long startMs, long lastMs, long endMs, double ratioToFull)
    {
        var chunks = (endMs - startMs) / ((lastMs - startMs + 1) * ratioToFull);
        return chunks <= 1 ? endMs : (long)(startMs + ((double)(endMs - startMs) / Math.Floor(chunks)));
    }
}

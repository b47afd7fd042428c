namespace PromHost.Tsdb;

/// <summary>The memory of the head by what it is for, in bytes, as its structures count it.</summary>
/// <param name="Series">States of the series and what finds them by their labels.</param>
/// <param name="Labels">Names and values, what finds them, and the label sets that queries have asked for.</param>
/// <param name="Postings">The lists of which series has a label.</param>
/// <param name="Aliases">What stands for the senders' encodings of labels, and what finds it.</param>
/// <param name="OpenChunks">Buffers of the chunks that are appended to; those of histograms are not counted.</param>
/// <param name="MappedChunks">Lists of the full chunks, and those of them that no file took.</param>
internal readonly record struct HeadMemory(
    long Series, long Labels, long Postings, long Aliases, long OpenChunks, long MappedChunks)
{
    /// <summary>All of it.</summary>
    public long Total => Series + Labels + Postings + Aliases + OpenChunks + MappedChunks;

    /// <summary>Each part with its name.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> ToParts() =>
    [
        new("series", Series),
        new("labels", Labels),
        new("postings", Postings),
        new("aliases", Aliases),
        new("open_chunks", OpenChunks),
        new("mapped_chunks", MappedChunks),
    ];
}

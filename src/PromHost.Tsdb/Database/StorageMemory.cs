using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>What the memory of a database is used for.</summary>
internal static class StorageMemory
{
    /// <summary>The purposes and their bytes, as far as each part counts its own.</summary>
    public static IReadOnlyList<NamedCount> Of(Head head, long walBufferBytes) =>
    [
        new("series", head.Store.StateBytes + head.Table.RecordBytes),
        new("senderEncodings", head.Table.AliasBytes),
        new("labels", head.Index.SymbolBytes + head.Store.LabelBytes),
        new("postings", head.Index.PostingsBytes),
        new("openChunks", head.Store.Buffers.SizeBytes),
        new("mappedChunkLists", head.Store.MappedBytes),
        new("chunksNotOnDisk", head.FullChunks.MemoryBytes),
        new("exemplars", head.Exemplars.SizeBytes),
        new("metadata", head.Metadata.SizeBytes),
        new("walBuffers", walBufferBytes),
    ];
}

using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>What the memory of a database is used for.</summary>
internal static class StorageMemory
{
    /// <summary>The purposes and their bytes, as far as each part counts its own.</summary>
    public static IReadOnlyList<MemoryUse> Of(Head head, long walBufferBytes) =>
    [
        new("series", head.Store.StateBytes + head.Table.RecordBytes, IsManaged: false),
        new("senderEncodings", head.Table.AliasBytes, IsManaged: false),
        new("labels", head.Index.SymbolBytes, IsManaged: false),
        new("cachedLabels", head.Store.LabelBytes, IsManaged: true),
        new("postings", head.Index.PostingsBytes, IsManaged: false),
        new("openChunks", head.Store.Buffers.SizeBytes, IsManaged: false),
        new("mappedChunkLists", head.Store.MappedBytes, IsManaged: true),
        new("chunksNotOnDisk", head.FullChunks.MemoryBytes, IsManaged: true),
        new("exemplars", head.Exemplars.SizeBytes, IsManaged: true),
        new("metadata", head.Metadata.SizeBytes, IsManaged: true),
        new("walBuffers", walBufferBytes, IsManaged: true),
    ];
}

namespace PromHost.Tsdb;

/// <summary>Takes one chunk of a <c>chunks_head</c> file; the data is valid during the call only.</summary>
internal delegate void HeadChunkVisitor(ChunkDiskRef chunkRef, in HeadChunkHeader header, ReadOnlySpan<byte> data);

namespace PromHost.Tsdb;

/// <summary>
/// A full chunk is kept in memory, because the files did not take it: there can be no head image until it is gone.
/// </summary>
internal sealed class ChunkInMemoryException() : Exception("a full chunk is in memory and in no file");

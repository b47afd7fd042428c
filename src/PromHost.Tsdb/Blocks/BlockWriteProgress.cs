namespace PromHost.Tsdb;

/// <summary>How far the writing of a block is.</summary>
/// <param name="Series">Series written.</param>
/// <param name="Samples">Samples written.</param>
/// <param name="SizeBytes">Bytes of chunk files and index.</param>
internal readonly record struct BlockWriteProgress(long Series, long Samples, long SizeBytes);

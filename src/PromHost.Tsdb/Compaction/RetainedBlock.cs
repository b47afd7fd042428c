namespace PromHost.Tsdb;

/// <summary>What retention needs to know of a block.</summary>
/// <param name="Id">Its name.</param>
/// <param name="MaxTimeMs">Where its time ends, exclusive.</param>
/// <param name="SizeBytes">All of its files.</param>
internal readonly record struct RetainedBlock(Ulid Id, long MaxTimeMs, long SizeBytes);

namespace PromHost.Tsdb;

/// <summary>The end of a <c>chunks_head</c> file that could not be read and was cut off.</summary>
/// <param name="Path">The file below the data directory.</param>
/// <param name="StartBytes">Where the first unreadable chunk begins; 0 when the file's header is bad.</param>
/// <param name="Reason">What is wrong, for people.</param>
/// <param name="QuarantinedAs">Where the bytes went, below the data directory.</param>
internal sealed record HeadChunkDamage(string Path, long StartBytes, string Reason, string QuarantinedAs);

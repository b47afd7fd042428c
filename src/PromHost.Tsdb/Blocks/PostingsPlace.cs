namespace PromHost.Tsdb;

/// <summary>Where a list of series refs is in an index.</summary>
/// <param name="Start">Offset of the first one in the file.</param>
/// <param name="Count">The number of series.</param>
internal readonly record struct PostingsPlace(long Start, int Count);

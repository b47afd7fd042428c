namespace PromHost.Tsdb;

/// <summary>A head image that was written or read.</summary>
/// <param name="Position">The place in the log up to which it holds everything.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Series">The series in it.</param>
internal readonly record struct HeadImageFigures(WalPosition Position, long SizeBytes, int Series);

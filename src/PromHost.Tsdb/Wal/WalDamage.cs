namespace PromHost.Tsdb;

/// <summary>A stretch of a segment that holds no readable record.</summary>
/// <param name="Path">The segment's file below the data directory.</param>
/// <param name="StartBytes">Where the first lost record begins.</param>
/// <param name="EndBytes">Where reading goes on; the file's length when nothing readable follows.</param>
/// <param name="Reason">What is wrong, for people.</param>
internal sealed record WalDamage(string Path, long StartBytes, long EndBytes, string Reason);

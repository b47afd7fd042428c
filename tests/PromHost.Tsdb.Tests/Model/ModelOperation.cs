namespace PromHost.Tsdb.Tests;

/// <summary>What a model test does to a database.</summary>
public enum ModelOperation
{
    Append,
    AppendLate,
    AppendAgain,
    Query,
    Delete,
    CleanTombstones,
    Compact,
    CompactEarly,
    WriteImage,
    Reopen,
    Crash,
    CrashWhileBusy,
}

using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>A native histogram, or a float with a start timestamp, that a commit group has accepted.</summary>
/// <param name="Series">Its series.</param>
/// <param name="WalRef">The number of the series in the log.</param>
/// <param name="TimestampMs">Its timestamp.</param>
/// <param name="Detail">The sample.</param>
/// <param name="Type">The type of the record that it is logged in.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AcceptedDetail(
    int Series, ulong WalRef, long TimestampMs, StagedDetail Detail, WalRecordType Type);

using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>A native histogram that a commit group has accepted.</summary>
/// <param name="Series">Its series.</param>
/// <param name="WalRef">The number of the series in the log.</param>
/// <param name="TimestampMs">Its timestamp.</param>
/// <param name="StartMs">Its start timestamp; 0 is unknown.</param>
/// <param name="Histogram">The histogram.</param>
/// <param name="Type">The type of the record that it is logged in.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AcceptedHistogram(
    int Series, ulong WalRef, long TimestampMs, long StartMs, NativeHistogram Histogram, WalRecordType Type);

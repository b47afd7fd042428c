using PromHost.Model;

namespace PromHost.Remote;

/// <summary>A native histogram of a message.</summary>
/// <param name="TimestampMs">Its timestamp.</param>
/// <param name="Histogram">The histogram; whether it makes sense is for the storage to say.</param>
internal readonly record struct ReceivedHistogram(long TimestampMs, NativeHistogram Histogram);

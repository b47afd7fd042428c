namespace PromHost.Remote;

/// <summary>A nested message that is read later.</summary>
/// <param name="Offset">Where it begins in the message.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="SeriesIndex">The series it belongs to, by its index in the batch; -1 for none.</param>
internal readonly record struct MessagePart(int Offset, int Length, int SeriesIndex);

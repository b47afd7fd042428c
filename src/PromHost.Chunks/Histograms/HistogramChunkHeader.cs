using System.Buffers.Binary;
using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// The three bytes that a histogram chunk begins with: the number of samples and what is known of a counter reset
/// before the chunk.
/// <code>
/// without start timestamps: count u16 | counter reset u2, zeros u6
/// with start timestamps:    counter reset u2, count u14 | first is known u1, first change u7
/// </code>
/// </summary>
internal static class HistogramChunkHeader
{
    public const int SizeBytes = 3;
    public const int StartTimestampsOffset = 2;

    private const int CountMask = 0x3FFF;
    private const int ResetShift = 6;

    /// <summary>The most samples that a chunk can count.</summary>
    public static int MaxSamples(bool hasStartTimestamps) => hasStartTimestamps ? CountMask : ushort.MaxValue;

    public static int ReadCount(ReadOnlySpan<byte> chunk, bool hasStartTimestamps) =>
        BinaryPrimitives.ReadUInt16BigEndian(chunk) & (hasStartTimestamps ? CountMask : ushort.MaxValue);

    public static CounterResetHint ReadReset(ReadOnlySpan<byte> chunk, bool hasStartTimestamps) =>
        (chunk[hasStartTimestamps ? 0 : 2] >> ResetShift) switch
        {
            0b10 => CounterResetHint.CounterReset,
            0b01 => CounterResetHint.NotCounterReset,
            0b11 => CounterResetHint.Gauge,
            _ => CounterResetHint.Unknown,
        };

    public static void WriteCount(Span<byte> chunk, int count, bool hasStartTimestamps)
    {
        var reset = hasStartTimestamps ? (chunk[0] >> ResetShift) << 14 : 0;
        BinaryPrimitives.WriteUInt16BigEndian(chunk, (ushort)(reset | count));
    }

    public static void WriteReset(Span<byte> chunk, CounterResetHint reset, bool hasStartTimestamps)
    {
        var bits = reset switch
        {
            CounterResetHint.CounterReset => 0b10,
            CounterResetHint.NotCounterReset => 0b01,
            CounterResetHint.Gauge => 0b11,
            _ => 0,
        };
        ref var target = ref chunk[hasStartTimestamps ? 0 : 2];
        target = (byte)((target & ((1 << ResetShift) - 1)) | (bits << ResetShift));
    }
}

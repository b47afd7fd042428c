using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Interop.Tests;

/// <summary>Native histograms as a sender of remote write 1.0 puts them into a request.</summary>
internal static class HistogramMessages
{
    /// <summary>Writes a histogram as a field of a time series.</summary>
    public static void Write(ref ProtoWriter writer, long timeMs, NativeHistogram histogram)
    {
        var message = writer.BeginMessage(4);
        if (histogram.IsInteger) writer.WriteVarint(1, (ulong)histogram.Count);
        else writer.WriteDouble(2, histogram.Count);
        writer.WriteDouble(3, histogram.Sum);
        writer.WriteSignedVarint(4, histogram.Schema);
        writer.WriteDouble(5, histogram.ZeroThreshold);
        if (histogram.IsInteger) writer.WriteVarint(6, (ulong)histogram.ZeroCount);
        else writer.WriteDouble(7, histogram.ZeroCount);
        WriteSide(ref writer, 8, histogram.NegativeSpans, histogram.NegativeCounts, histogram.IsInteger);
        WriteSide(ref writer, 11, histogram.PositiveSpans, histogram.PositiveCounts, histogram.IsInteger);
        writer.WriteVarint(14, (ulong)histogram.CounterResetHint);
        writer.WriteInt64(15, timeMs);
        if (!histogram.CustomBounds.IsEmpty) writer.WritePackedDoubles(16, histogram.CustomBounds.Span);
        writer.EndMessage(message);
    }

    // Spans, then the differences of integers, then the counts of floats.
    private static void WriteSide(
        ref ProtoWriter writer,
        int field,
        ReadOnlyMemory<HistogramSpan> spans,
        ReadOnlyMemory<double> counts,
        bool areIntegers)
    {
        foreach (var span in spans.Span)
        {
            var message = writer.BeginMessage(field);
            writer.WriteSignedVarint(1, span.Offset);
            writer.WriteVarint(2, span.Length);
            writer.EndMessage(message);
        }

        if (counts.IsEmpty) return;
        if (!areIntegers)
        {
            writer.WritePackedDoubles(field + 2, counts.Span);
            return;
        }

        var deltas = new long[counts.Length];
        for (var i = 0; i < deltas.Length; i++)
            deltas[i] = (long)counts.Span[i] - (i == 0 ? 0 : (long)counts.Span[i - 1]);
        writer.WritePackedSignedVarints(field + 1, deltas);
    }
}

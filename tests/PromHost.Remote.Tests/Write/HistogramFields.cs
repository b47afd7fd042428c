using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Remote.Tests;

/// <summary>Writes native histograms as a sender of remote write does.</summary>
public static class HistogramFields
{
    /// <summary>Writes a histogram as a field of a TimeSeries.</summary>
    public static void Write(ProtoWriter writer, int field, long timestampMs, NativeHistogram histogram)
    {
        var mark = writer.BeginMessage(field);
        if (histogram.IsInteger) writer.WriteVarint(1, (ulong)histogram.Count);
        else writer.WriteDouble(2, histogram.Count);
        writer.WriteDouble(3, histogram.Sum);
        writer.WriteSignedVarint(4, histogram.Schema);
        writer.WriteDouble(5, histogram.ZeroThreshold);
        if (histogram.IsInteger) writer.WriteVarint(6, (ulong)histogram.ZeroCount);
        else writer.WriteDouble(7, histogram.ZeroCount);
        WriteSide(writer, 8, histogram.IsInteger, histogram.NegativeSpans.Span, histogram.NegativeCounts.Span);
        WriteSide(writer, 11, histogram.IsInteger, histogram.PositiveSpans.Span, histogram.PositiveCounts.Span);
        writer.WriteVarint(14, (ulong)histogram.CounterResetHint);
        writer.WriteInt64(15, timestampMs);
        if (!histogram.CustomBounds.IsEmpty) writer.WritePackedDoubles(16, histogram.CustomBounds.Span);
        writer.EndMessage(mark);
    }

    private static void WriteSide(
        ProtoWriter writer, int field, bool isInteger, ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<double> counts)
    {
        foreach (var span in spans)
        {
            var mark = writer.BeginMessage(field);
            writer.WriteSignedVarint(1, span.Offset);
            writer.WriteVarint(2, span.Length);
            writer.EndMessage(mark);
        }

        if (counts.IsEmpty) return;
        if (!isInteger)
        {
            writer.WritePackedDoubles(field + 2, counts);
            return;
        }

        var deltas = new long[counts.Length];
        for (var i = 0; i < deltas.Length; i++) deltas[i] = (long)counts[i] - (i > 0 ? (long)counts[i - 1] : 0);
        writer.WritePackedSignedVarints(field + 1, deltas);
    }
}

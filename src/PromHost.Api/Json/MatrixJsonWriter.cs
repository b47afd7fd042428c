// Hot path: written straight from the result's columns, in pieces, without an allocation per sample.
using System.Buffers;
using System.Runtime.InteropServices;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>
/// Writes the series of a matrix. A large one is written in pieces, by this thread and those that help; they are sent
/// in their order.
/// </summary>
/// <param name="series">The series.</param>
/// <param name="count">How many of them to write.</param>
/// <param name="engine">Lends threads.</param>
internal sealed class MatrixJsonWriter(IReadOnlyList<MatrixSeries> series, int count, QueryEngine engine)
{
    // Pieces of about 128 KiB: long enough to be worth waking a thread.
    private const int PointsPerPiece = 4096;

    // What a series head, a histogram and each of its buckets take, in points.
    private const int PointsPerHead = 8, PointsPerHistogram = 4, PointsPerBucket = 2;

    private readonly TimeTexts _times = TimeTexts.Of(count > 1 ? series[0].TimestampsMs : default);

    /// <summary>Writes <c>{"resultType":"matrix","result":[…]</c>.</summary>
    /// <param name="body">Where to write; pieces are sent as they fill.</param>
    /// <param name="cancellationToken">Ends the writing when the client goes away.</param>
    public async ValueTask WriteAsync(ResponseBody body, CancellationToken cancellationToken)
    {
        Write(body, "{\"resultType\":\"matrix\",\"result\":["u8);
        // Nobody is called for a single piece.
        var end = Next(default);
        if (end.Series == count) Write(body, default, end);
        else await WriteLargeAsync(body, end, cancellationToken).ConfigureAwait(false);
        Write(body, "]"u8);
    }

    private async ValueTask WriteLargeAsync(ResponseBody body, Position first, CancellationToken cancellationToken)
    {
        // Whoever begins a piece moves this on, one at a time.
        var next = first;
        await using var pieces = new PieceSequence(engine, () =>
        {
            if (next.Series == count) return null;
            var (start, end) = (next, Next(next));
            next = end;
            return buffer => Write(buffer, start, end);
        });
        Write(body, default, first);
        await pieces.SendAsync(body, cancellationToken).ConfigureAwait(false);
    }

    // Where a piece ends that begins here.
    private Position Next(Position start)
    {
        var (index, point) = (start.Series, start.Point);
        for (var room = PointsPerPiece; index < count; index++)
        {
            var floats = series[index].Values.Length;
            var size = floats + series[index].Histograms.Length;
            if (point == 0) room -= PointsPerHead;
            var taken = Math.Clamp(room, 1, Math.Max(1, floats - point));
            if (point < floats)
            {
                point += taken;
                room -= taken;
            }

            // At least one of a series goes with its head.
            for (var isFirst = true; point >= floats && point < size && (isFirst || room > 0); isFirst = false)
                room -= SizeOf(series[index].Histograms.Span[point++ - floats]);
            if (point < size) return new Position(index, point);
            point = 0;
            if (room <= 0) return new Position(index + 1, 0);
        }

        return new Position(count, 0);
    }

    // In points; they have from few buckets to thousands.
    private static int SizeOf(NativeHistogram histogram) => PointsPerHistogram +
        (histogram.PositiveCounts.Length + histogram.NegativeCounts.Length) * PointsPerBucket;

    private void Write(IBufferWriter<byte> output, Position start, Position end)
    {
        var json = new JsonBuffer(output);
        var point = start.Point;
        for (var index = start.Series; index < count; index++, point = 0)
        {
            if (index == end.Series && end.Point == 0) break;
            var one = series[index];
            var size = one.Values.Length + one.Histograms.Length;
            if (point == 0)
            {
                json.Raw(index > 0 ? ",{\"metric\":"u8 : "{\"metric\":"u8);
                json.Labels(one.Labels);
            }

            var to = index == end.Series ? end.Point : size;
            WriteFloats(ref json, one, point, Math.Min(to, one.Values.Length));
            WriteHistograms(ref json, one, point - one.Values.Length, to - one.Values.Length);
            if (to < size) break;
            json.Raw((byte)'}');
        }

        json.Commit();
    }

    private void WriteFloats(ref JsonBuffer json, MatrixSeries one, int start, int end)
    {
        if (start >= end) return;
        json.Raw(start == 0 ? ",\"values\":["u8 : ","u8);
        var values = one.Values.Span[start..end];
        if (_times.TryFind(one.TimestampsMs, out var first)) json.Points(_times, first + start, values);
        else json.Points(one.TimestampsMs.Span[start..end], values);
        if (end == one.Values.Length) json.Raw((byte)']');
    }

    private static void WriteHistograms(ref JsonBuffer json, MatrixSeries one, int start, int end)
    {
        if (end <= 0) return;
        var times = one.HistogramTimestampsMs.Span;
        var histograms = one.Histograms.Span;
        for (var i = Math.Max(0, start); i < end; i++)
        {
            json.Raw(i == 0 ? ",\"histograms\":[["u8 : ",["u8);
            json.Timestamp(times[i]);
            json.Raw((byte)',');
            HistogramJson.Write(ref json, histograms[i]);
            json.Raw((byte)']');
        }

        if (end == times.Length) json.Raw((byte)']');
    }

    private static void Write(ResponseBody body, ReadOnlySpan<byte> bytes)
    {
        var json = new JsonBuffer(body);
        json.Raw(bytes);
        json.Commit();
    }

    /// <summary>
    /// A place in the matrix: a series, and how many of its points are written, floats before histograms. The end of a
    /// series is the beginning of the next.
    /// </summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Position(int Series, int Point);
}

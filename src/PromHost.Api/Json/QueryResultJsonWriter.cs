// Hot path: written straight from the result's columns, in pieces, without an allocation per sample.
using System.Runtime.InteropServices;
using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>
/// Writes the value of a query as <c>{"resultType":…,"result":…</c>, without the closing brace. Thread-safe.
/// </summary>
internal static class QueryResultJsonWriter
{
    // About 64 KiB of points, so that a piece is sent about as often as it is looked at.
    private const int PointsPerPiece = 2048;

    // A series head costs about as much room as this many points.
    private const int PointsPerHead = 8;

    /// <summary>Writes the value.</summary>
    /// <param name="body">Where to write; pieces are sent as they fill.</param>
    /// <param name="value">What to write.</param>
    /// <param name="limit">At most so many series.</param>
    /// <param name="cancellationToken">Ends the writing when the client goes away.</param>
    public static ValueTask WriteAsync(
        ResponseBody body, QueryValue value, int limit, CancellationToken cancellationToken)
    {
        switch (value)
        {
            case ScalarResult scalar:
                WriteScalar(body, scalar);
                return ValueTask.CompletedTask;
            case StringResult text:
                WriteString(body, text);
                return ValueTask.CompletedTask;
            case VectorResult vector:
                return WriteVectorAsync(body, vector, Math.Min(vector.Count, limit), cancellationToken);
            case MatrixResult matrix:
                return WriteMatrixAsync(body, matrix, Math.Min(matrix.Series.Count, limit), cancellationToken);
            default:
                throw new ArgumentOutOfRangeException(nameof(value));
        }
    }

    private static void WriteScalar(ResponseBody body, ScalarResult scalar)
    {
        var json = new JsonBuffer(body);
        json.Raw("{\"resultType\":\"scalar\",\"result\":["u8);
        // Unlike those of samples: the time as a plain number, the value never with an exponent.
        json.Number(scalar.TimestampMs / 1000.0);
        json.Raw(",\""u8);
        json.Number(scalar.Value);
        json.Raw("\"]"u8);
        json.Commit();
    }

    private static void WriteString(ResponseBody body, StringResult text)
    {
        var json = new JsonBuffer(body);
        json.Raw("{\"resultType\":\"string\",\"result\":["u8);
        json.Number(text.TimestampMs / 1000.0);
        json.Raw((byte)',');
        json.Text(text.Utf8Value.Span, shortControls: true);
        json.Raw((byte)']');
        json.Commit();
    }

    private static async ValueTask WriteVectorAsync(
        ResponseBody body, VectorResult vector, int count, CancellationToken cancellationToken)
    {
        WriteRaw(body, "{\"resultType\":\"vector\",\"result\":["u8);
        for (var at = 0; at < count; at += PointsPerPiece / PointsPerHead)
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteSamples(body, vector, at, Math.Min(count, at + (PointsPerPiece / PointsPerHead)));
            await body.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        }

        WriteRaw(body, "]"u8);
    }

    private static void WriteSamples(ResponseBody body, VectorResult vector, int start, int end)
    {
        var labels = vector.Labels.Span;
        var values = vector.Values.Span;
        var histograms = vector.Histograms.Span;
        var json = new JsonBuffer(body);
        for (var i = start; i < end; i++)
        {
            json.Raw(i > 0 ? ",{\"metric\":"u8 : "{\"metric\":"u8);
            json.Labels(labels[i]);
            if (!histograms.IsEmpty && histograms[i] is { } histogram)
            {
                json.Raw(",\"histogram\":["u8);
                json.Timestamp(vector.TimestampMs);
                json.Raw((byte)',');
                HistogramJson.Write(ref json, histogram);
                json.Raw("]}"u8);
                continue;
            }

            json.Raw(",\"value\":"u8);
            json.Point(vector.TimestampMs, values[i]);
            json.Raw((byte)'}');
        }

        json.Commit();
    }

    private static async ValueTask WriteMatrixAsync(
        ResponseBody body, MatrixResult matrix, int count, CancellationToken cancellationToken)
    {
        WriteRaw(body, "{\"resultType\":\"matrix\",\"result\":["u8);
        var cursor = default(Cursor);
        while (cursor.Series < count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            cursor = WriteSeries(body, matrix.Series, count, cursor);
            await body.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        }

        WriteRaw(body, "]"u8);
    }

    private static Cursor WriteSeries(
        ResponseBody body, IReadOnlyList<MatrixSeries> matrix, int count, Cursor cursor)
    {
        var json = new JsonBuffer(body);
        var budget = PointsPerPiece;
        while (budget > 0 && cursor.Series < count)
        {
            var series = matrix[cursor.Series];
            if (cursor.Point == 0)
            {
                json.Raw(cursor.Series > 0 ? ",{\"metric\":"u8 : "{\"metric\":"u8);
                json.Labels(series.Labels);
                budget -= PointsPerHead;
            }

            var taken = WritePoints(ref json, series, cursor.Point, Math.Max(1, budget));
            budget -= taken;
            cursor = cursor with { Point = cursor.Point + taken };
            if (cursor.Point < series.Values.Length) break;
            if (!series.Histograms.IsEmpty) WriteHistograms(ref json, series);
            json.Raw((byte)'}');
            cursor = new Cursor(cursor.Series + 1, 0);
        }

        json.Commit();
        return cursor;
    }

    private static int WritePoints(ref JsonBuffer json, MatrixSeries series, int start, int limit)
    {
        var count = Math.Min(limit, series.Values.Length - start);
        if (count == 0) return 0;
        var times = series.TimestampsMs.Span.Slice(start, count);
        var values = series.Values.Span.Slice(start, count);
        if (start == 0) json.Raw(",\"values\":["u8);
        else json.Raw((byte)',');
        json.Points(times, values);
        if (start + count == series.Values.Length) json.Raw((byte)']');
        return count;
    }

    private static void WriteHistograms(ref JsonBuffer json, MatrixSeries series)
    {
        var times = series.HistogramTimestampsMs.Span;
        var histograms = series.Histograms.Span;
        json.Raw(",\"histograms\":["u8);
        for (var i = 0; i < times.Length; i++)
        {
            json.Raw(i > 0 ? ",["u8 : "["u8);
            json.Timestamp(times[i]);
            json.Raw((byte)',');
            HistogramJson.Write(ref json, histograms[i]);
            json.Raw((byte)']');
        }

        json.Raw((byte)']');
    }

    private static void WriteRaw(ResponseBody body, ReadOnlySpan<byte> bytes)
    {
        var json = new JsonBuffer(body);
        json.Raw(bytes);
        json.Commit();
    }

    /// <summary>Where the writing of a matrix stands.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Cursor(int Series, int Point);
}

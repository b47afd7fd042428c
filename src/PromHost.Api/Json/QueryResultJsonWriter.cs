// Hot path: written straight from the result's columns, in pieces, without an allocation per sample.
using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>
/// Writes the value of a query as <c>{"resultType":…,"result":…</c>, without the closing brace. Thread-safe.
/// </summary>
internal static class QueryResultJsonWriter
{
    // About 64 KiB, so that a piece is sent about as often as it is looked at.
    private const int SamplesPerPiece = 256;

    /// <summary>Writes the value.</summary>
    /// <param name="body">Where to write; pieces are sent as they fill.</param>
    /// <param name="value">What to write.</param>
    /// <param name="limit">At most so many series.</param>
    /// <param name="engine">Lends threads for large answers.</param>
    /// <param name="cancellationToken">Ends the writing when the client goes away.</param>
    public static ValueTask WriteAsync(
        ResponseBody body, QueryValue value, int limit, QueryEngine engine, CancellationToken cancellationToken)
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
                return new MatrixJsonWriter(matrix.Series, Math.Min(matrix.Series.Count, limit), engine)
                    .WriteAsync(body, cancellationToken);
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
        for (var at = 0; at < count; at += SamplesPerPiece)
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteSamples(body, vector, at, Math.Min(count, at + SamplesPerPiece));
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

    private static void WriteRaw(ResponseBody body, ReadOnlySpan<byte> bytes)
    {
        var json = new JsonBuffer(body);
        json.Raw(bytes);
        json.Commit();
    }
}

using PromHost.Model;

namespace PromHost.Api;

/// <summary><c>/api/v1/metadata</c>: type, help and unit of metric families.</summary>
internal static class MetadataEndpoint
{
    /// <summary>Answers one request.</summary>
    public static async ValueTask HandleAsync(ApiCall call)
    {
        var limit = ReadLimit(call.Parameters, "limit");
        var limitPerMetric = ReadLimit(call.Parameters, "limit_per_metric");
        var metric = call.Parameters.Get("metric");
        WriteRaw(call, first: true, "{"u8);
        var written = 0L;
        foreach (var (family, entries) in call.Services.Metadata.GetMetadata(metric.Length == 0 ? null : metric))
        {
            if (limit >= 0 && written >= limit) break;
            WriteFamily(call, written == 0, family, entries, limitPerMetric);
            written++;
            await call.Body.FlushIfLargeAsync(call.Aborted).ConfigureAwait(false);
        }

        WriteEnd(call);
    }

    private static long ReadLimit(RequestParameters parameters, string name)
    {
        var text = parameters.Get(name);
        if (text.Length == 0) return -1;
        if (GoNumber.TryParseInteger(text, out var limit, out _)) return limit;
        throw new ApiException(ApiErrorType.BadData, name + " must be a number");
    }

    private static void WriteRaw(ApiCall call, bool first, ReadOnlySpan<byte> bytes)
    {
        var json = first ? call.BeginSuccess() : new JsonBuffer(call.Body);
        json.Raw(bytes);
        json.Commit();
    }

    private static void WriteFamily(
        ApiCall call, bool first, string family, IReadOnlyList<MetricMetadata> entries, long limitPerMetric)
    {
        var json = new JsonBuffer(call.Body);
        if (!first) json.Raw((byte)',');
        json.Text(family);
        json.Raw(":["u8);
        var count = limitPerMetric > 0 ? Math.Min(entries.Count, limitPerMetric) : entries.Count;
        for (var i = 0; i < count; i++)
        {
            json.Raw(i > 0 ? ",{\"type\":"u8 : "{\"type\":"u8);
            json.Text(entries[i].Type);
            json.Raw(",\"unit\":"u8);
            json.Text(entries[i].Unit);
            json.Raw(",\"help\":"u8);
            json.Text(entries[i].Help);
            json.Raw((byte)'}');
        }

        json.Raw((byte)']');
        json.Commit();
    }

    private static void WriteEnd(ApiCall call)
    {
        var json = new JsonBuffer(call.Body);
        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
    }
}

using PromHost.Storage;

namespace PromHost.Api;

/// <summary><c>/api/v1/status/tsdb</c>: what the head holds and where its series come from.</summary>
internal static class TsdbStatusEndpoint
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 10000;

    /// <summary>Answers one request.</summary>
    public static ValueTask HandleAsync(ApiCall call)
    {
        var limit = ReadLimit(call.Parameters);
        var head = call.Services.Admin.GetHeadStatus();
        var cardinality = call.Services.Admin.GetCardinality(limit);
        var json = call.BeginSuccess();
        json.Raw("{\"headStats\":{\"numSeries\":"u8);
        json.Integer(head.SeriesCount);
        json.Raw(",\"numLabelPairs\":"u8);
        json.Integer(head.LabelPairCount);
        json.Raw(",\"chunkCount\":"u8);
        json.Integer(head.ChunkCount);
        json.Raw(",\"minTime\":"u8);
        json.Integer(head.MinTimeMs);
        json.Raw(",\"maxTime\":"u8);
        json.Integer(head.MaxTimeMs);
        List(ref json, "},\"seriesCountByMetricName\":["u8, cardinality.SeriesCountByMetricName);
        List(ref json, ",\"labelValueCountByLabelName\":["u8, cardinality.LabelValueCountByLabelName);
        List(ref json, ",\"memoryInBytesByLabelName\":["u8, cardinality.MemoryInBytesByLabelName);
        List(ref json, ",\"seriesCountByLabelValuePair\":["u8, cardinality.SeriesCountByLabelValuePair);
        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    private static int ReadLimit(RequestParameters parameters)
    {
        var text = parameters.Get("limit");
        if (text.Length == 0) return DefaultLimit;
        if (!GoNumber.TryParseInteger(text, out var limit, out _) || limit < 1)
            throw new ApiException(ApiErrorType.BadData, "limit must be a positive number");
        if (limit > MaxLimit) throw new ApiException(ApiErrorType.BadData, $"limit must not exceed {MaxLimit}");
        return (int)limit;
    }

    private static void List(ref JsonBuffer json, ReadOnlySpan<byte> opening, IReadOnlyList<NamedCount> counts)
    {
        json.Raw(opening);
        for (var i = 0; i < counts.Count; i++)
        {
            json.Raw(i > 0 ? ",{\"name\":"u8 : "{\"name\":"u8);
            json.Text(counts[i].Name);
            json.Raw(",\"value\":"u8);
            json.Integer(counts[i].Value);
            json.Raw((byte)'}');
        }

        json.Raw((byte)']');
    }
}

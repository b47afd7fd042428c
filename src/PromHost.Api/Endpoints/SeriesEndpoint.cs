using PromHost.Model;
using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary><c>/api/v1/series</c>: the label sets of series.</summary>
internal static class SeriesEndpoint
{
    private const int BatchSize = 256;

    /// <summary>Answers one request.</summary>
    public static async ValueTask HandleAsync(ApiCall call)
    {
        if (call.Parameters.Error is { } damaged)
            throw new ApiException(ApiErrorType.BadData, "error parsing form values: " + damaged);
        if (call.Parameters.GetAll("match[]").Count == 0)
            throw new ApiException(ApiErrorType.BadData, "no match[] parameter provided");
        var limit = call.Parameters.GetLimit();
        var startMs = call.Parameters.GetTime("start", RequestTime.MinMs);
        var endMs = call.Parameters.GetTime("end", RequestTime.MaxMs);
        var sets = ReadMatchers(call.Parameters);
        var series = startMs <= endMs ? Select(call, startMs, endMs, sets, limit) : [];
        var truncated = limit > 0 && series.Count > limit;
        await WriteAsync(call, truncated ? series[..limit] : series, truncated).ConfigureAwait(false);
    }

    private static IReadOnlyList<IReadOnlyList<LabelMatcher>> ReadMatchers(RequestParameters parameters)
    {
        try
        {
            return SeriesMatchers.Read(parameters);
        }
        catch (Exception e) when (e is ParseException or ApiException)
        {
            throw ApiException.InvalidParameter("match[]", e.Message);
        }
    }

    // Label sets are wanted whole before anything is written: an error may come with the last of them.
    private static List<Labels> Select(
        ApiCall call, long startMs, long endMs, IReadOnlyList<IReadOnlyList<LabelMatcher>> sets, int limit)
    {
        using var querier = call.Services.Queries.OpenQuerier(startMs, endMs);
        var hints = new SelectHints(startMs, endMs, Function: "series", SortedByLabels: sets.Count > 1);
        var found = new List<Labels>();
        foreach (var matchers in sets)
        {
            using var set = querier.Select(hints, matchers);
            ReadAll(set, found, sets.Count > 1 ? 0 : limit, call.Aborted);
        }

        if (sets.Count == 1) return found;
        found.Sort();
        return Distinct(found);
    }

    private static void ReadAll(SeriesSet set, List<Labels> found, int limit, CancellationToken cancellationToken)
    {
        var batch = new SeriesEntry[BatchSize];
        while (set.ReadNext(batch) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < count; i++)
            {
                found.Add(batch[i].Labels);
                if (limit > 0 && found.Count > limit) return;
            }
        }
    }

    private static List<Labels> Distinct(List<Labels> sorted)
    {
        var distinct = new List<Labels>(sorted.Count);
        foreach (var labels in sorted)
        {
            if (distinct.Count == 0 || distinct[^1] != labels) distinct.Add(labels);
        }

        return distinct;
    }

    private static async ValueTask WriteAsync(ApiCall call, List<Labels> series, bool truncated)
    {
        WriteStart(call);
        for (var at = 0; at < series.Count; at += BatchSize)
        {
            WritePiece(call, series, at);
            await call.Body.FlushIfLargeAsync(call.Aborted).ConfigureAwait(false);
        }

        WriteEnd(call, truncated);
    }

    private static void WriteStart(ApiCall call)
    {
        var json = call.BeginSuccess();
        json.Raw((byte)'[');
        json.Commit();
    }

    private static void WritePiece(ApiCall call, List<Labels> series, int start)
    {
        var json = new JsonBuffer(call.Body);
        var end = Math.Min(series.Count, start + BatchSize);
        for (var i = start; i < end; i++)
        {
            if (i > 0) json.Raw((byte)',');
            json.Labels(series[i]);
        }

        json.Commit();
    }

    private static void WriteEnd(ApiCall call, bool truncated)
    {
        var json = new JsonBuffer(call.Body);
        json.Raw((byte)']');
        ApiCall.EndSuccess(ref json, truncated ? [LabelsEndpoint.TruncatedWarning] : null);
    }
}

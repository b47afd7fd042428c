using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary><c>/api/v1/labels</c> and <c>/api/v1/label/{name}/values</c>.</summary>
internal static class LabelsEndpoint
{
    /// <summary>The warning of every answer that a limit has cut.</summary>
    public const string TruncatedWarning = "results truncated due to limit";

    /// <summary>The names of labels.</summary>
    public static ValueTask HandleNamesAsync(ApiCall call) =>
        AnswerAsync(call, (querier, matchers, limit) => querier.LabelNames(matchers, limit));

    /// <summary>The values of one label.</summary>
    public static ValueTask HandleValuesAsync(ApiCall call)
    {
        var name = LabelNamePath.Read(call.Http);
        return AnswerAsync(call, (querier, matchers, limit) => querier.LabelValues(name, matchers, limit));
    }

    private static ValueTask AnswerAsync(
        ApiCall call, Func<IQuerier, IReadOnlyList<LabelMatcher>, int, IReadOnlyList<string>> read)
    {
        var limit = call.Parameters.GetLimit();
        var startMs = call.Parameters.GetTime("start", RequestTime.MinMs);
        var endMs = call.Parameters.GetTime("end", RequestTime.MaxMs);
        var sets = SeriesMatchers.Read(call.Parameters);
        IReadOnlyList<string> texts = [];
        if (startMs <= endMs)
        {
            // One more than asked for tells whether something is cut off.
            var readLimit = limit == 0 ? 0 : limit + 1;
            using var querier = call.Services.Queries.OpenQuerier(startMs, endMs);
            texts = sets.Count > 1
                ? Merge(sets.Select(set => read(querier, set, readLimit)))
                : read(querier, sets.Count == 1 ? sets[0] : [], readLimit);
        }

        if (limit == 0 || texts.Count <= limit) return call.WriteTextsAsync(texts, null);
        return call.WriteTextsAsync([.. texts.Take(limit)], [TruncatedWarning]);
    }

    // By bytes, which differs from the order of UTF-16 above the basic plane.
    private static List<string> Merge(IEnumerable<IReadOnlyList<string>> lists)
    {
        var merged = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in lists) merged.UnionWith(list);
        var texts = merged.Select(text => (Text: text, Utf8: System.Text.Encoding.UTF8.GetBytes(text))).ToList();
        texts.Sort((a, b) => a.Utf8.AsSpan().SequenceCompareTo(b.Utf8));
        return [.. texts.Select(text => text.Text)];
    }
}

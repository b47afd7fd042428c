using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace PromHost.LoadTest;

/// <summary>Asks a target queries.</summary>
internal sealed class QueryClient(HttpClient http, Target target)
{
    /// <summary>Asks a query once and reads the whole answer.</summary>
    /// <param name="query">The query.</param>
    /// <param name="span">From and to, seconds since the Unix epoch; an instant query is asked at the end.</param>
    /// <returns>How long it took, milliseconds: NaN when it failed; and the answer.</returns>
    public async Task<(double Milliseconds, byte[] Answer)> AskAsync(LoadQuery query, (long Start, long End) span)
    {
        var isRange = query.StepSeconds > 0;
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["query"] = query.Text };
        if (isRange) form["start"] = Invariant(span.Start);
        if (isRange) form["step"] = Invariant(query.StepSeconds);
        form[isRange ? "end" : "time"] = Invariant(span.End);
        using var content = new FormUrlEncodedContent(form);
        var watch = Stopwatch.StartNew();
        using var response = await http.PostAsync(
            new Uri(target.Url, isRange ? "/api/v1/query_range" : "/api/v1/query"), content);
        var answer = await response.Content.ReadAsByteArrayAsync();
        return (response.IsSuccessStatusCode ? watch.Elapsed.TotalMilliseconds : double.NaN, answer);
    }

    /// <summary>How many series an answer has; -1 when it is no success.</summary>
    public static int SeriesOf(byte[] answer)
    {
        using var json = JsonDocument.Parse(answer);
        if (!json.RootElement.TryGetProperty("data", out var data)) return -1;
        var result = data.GetProperty("result");
        return data.GetProperty("resultType").GetString() is "scalar" or "string" ? 1 : result.GetArrayLength();
    }

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace PromHost.LoadTest;

/// <summary>
/// Asks a target queries, on the calling thread and into one buffer: what the client does itself is on the bill of
/// every target, and on the same cores.
/// </summary>
internal sealed class QueryClient(HttpClient http, Target target)
{
    private readonly byte[] _buffer = new byte[256 * 1024];

    /// <summary>Asks a query once and reads the whole answer.</summary>
    /// <param name="query">The query.</param>
    /// <param name="span">From and to, seconds since the Unix epoch; an instant query is asked at the end.</param>
    /// <param name="answer">Where the answer is written; null: it is read and forgotten.</param>
    /// <returns>How long it took until the answer's last byte, milliseconds: NaN when it failed.</returns>
    public double Ask(LoadQuery query, (long Start, long End) span, Stream? answer = null)
    {
        var isRange = query.StepSeconds > 0;
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["query"] = query.Text };
        if (isRange) form["start"] = Invariant(span.Start);
        if (isRange) form["step"] = Invariant(query.StepSeconds);
        form[isRange ? "end" : "time"] = Invariant(span.End);
        using var request = new HttpRequestMessage(HttpMethod.Post,
            new Uri(target.Url, isRange ? "/api/v1/query_range" : "/api/v1/query"));
        request.Content = new FormUrlEncodedContent(form);
        var watch = Stopwatch.StartNew();
        using var response = http.Send(request, HttpCompletionOption.ResponseHeadersRead);
        using var body = response.Content.ReadAsStream();
        while (body.Read(_buffer) is var read and > 0) answer?.Write(_buffer.AsSpan(0, read));
        return response.IsSuccessStatusCode ? watch.Elapsed.TotalMilliseconds : double.NaN;
    }

    /// <summary>How many series an answer has; -1 when it is no success.</summary>
    public static int SeriesOf(Stream answer)
    {
        using var json = JsonDocument.Parse(answer);
        if (!json.RootElement.TryGetProperty("data", out var data)) return -1;
        var result = data.GetProperty("result");
        return data.GetProperty("resultType").GetString() is "scalar" or "string" ? 1 : result.GetArrayLength();
    }

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}

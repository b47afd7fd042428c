using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>Asks a server.</summary>
internal static class FuzzClient
{
    /// <summary>Asks an instant query, or one over a range where the form has a step.</summary>
    public static async Task<FuzzedAnswer> AskAsync(Uri server, IReadOnlyDictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        var path = form.ContainsKey("step") ? "/api/v1/query_range" : "/api/v1/query";
        using var response = await Polling.Http.PostAsync(new Uri(server, path), content);
        return FuzzedAnswer.Parse(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks an instant query.</summary>
    public static Task<FuzzedAnswer> AskAsync(Uri server, string query, string time) =>
        AskAsync(server, new Dictionary<string, string>(StringComparer.Ordinal) { ["query"] = query, ["time"] = time });

    /// <summary>Asks what a query over a range asks as an instant query for each of its steps.</summary>
    public static async Task<FuzzedAnswer> AskStepwiseAsync(Uri server, IReadOnlyDictionary<string, string> form)
    {
        var answer = FuzzedAnswer.Parse("{}");
        var end = Number(form["end"]);
        var step = Number(form["step"]);
        var query = form["query"]
            .Replace("@ start()", $"@ {form["start"]}", StringComparison.Ordinal)
            .Replace("@ end()", $"@ {form["end"]}", StringComparison.Ordinal);
        for (var time = Number(form["start"]); time <= end; time += step)
        {
            var text = (time / 1.0000m).ToString(CultureInfo.InvariantCulture);
            answer.Take(await AskAsync(server, query, text));
        }

        return answer;
    }

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}

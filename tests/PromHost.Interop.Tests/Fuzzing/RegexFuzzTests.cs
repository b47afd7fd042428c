using System.Globalization;
using System.Text;

namespace PromHost.Interop.Tests;

/// <summary>
/// Random regular expressions, well-formed and broken, over odd values: as matchers and in <c>label_replace</c>, to
/// PromHost and a real Prometheus, which has RE2 as Go made it. <c>PROMHOST_FUZZ_PATTERNS</c> says how many,
/// <c>PROMHOST_FUZZ_SEED</c> with which they begin.
/// </summary>
public sealed class RegexFuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int DefaultPatterns = 300;
    private const int ValueCount = 200;
    private const long TimeMs = 438_000 * 3_600_000L;
    private const string Time = "1576800000";

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-regex-").FullName;
    private readonly StringBuilder _unexplained = new();
    private int _unexplainedCount;
    private int _refused;
    private int _matching;
    private int _shortCuts;
    private int _spellings;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Patterns_MeanWhatTheyMeanToPrometheus_OverOddValues()
    {
        Peers.Require();
        var count = FuzzSettings.Number("PROMHOST_FUZZ_PATTERNS", DefaultPatterns);
        var seed = FuzzSettings.Number("PROMHOST_FUZZ_SEED", 1);
        var (promHost, ours) = await RunningProgram.StartPromHostAsync(
            Path.Combine(_folder, "ours"), 0, "--storage.tsdb.retention.time=100y");
        await using (promHost)
        {
            var (prometheus, theirs) = await PrometheusServer.StartAsync(
                Peers.Prometheus, Path.Combine(_folder, "theirs"), string.Empty);
            await using (prometheus)
            {
                await LoadAsync(new PatternWriter(new Random(seed)).Values(ValueCount), ours, theirs);
                for (var i = 0; i < count; i++)
                {
                    var pattern = new PatternWriter(new Random(seed + i)).Pattern();
                    await CompareAsync(ours, theirs, pattern, $"seed {seed + i}");
                }
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count} patterns, {_refused} refused, {_matching} match something, {_unexplainedCount} mean something " +
            $"else, {_shortCuts} only to the short cut that 3.5 has for matchers without case, {_spellings} are " +
            $"refused by its matchers too, but not by its label_replace"));
        _unexplainedCount.Should().Be(0, _unexplained.ToString());
        _refused.Should().BeLessThan(count * 6 / 10);
        _matching.Should().BeGreaterThan(count / 8);
    }

    private static async Task LoadAsync(IEnumerable<string> values, params Uri[] servers)
    {
        var series = values.Select(static value => new FuzzSeries(
            [("__name__", "odd"), ("value", value)], [(TimeMs, 1, null)])).ToArray();
        foreach (var body in FuzzRequests.Of(series))
        {
            foreach (var address in servers)
            {
                using var content = body();
                using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
                response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
            }
        }
    }

    private async Task CompareAsync(Uri ours, Uri theirs, string pattern, string name)
    {
        var quoted = Quoted(pattern);
        var replacing = $"label_replace(odd, \"out\", \"$0|$1|${{2}}|$n\", \"value\", {quoted})";
        var replacedHere = FuzzClient.AskAsync(ours, replacing, Time);
        var replacedThere = await FuzzClient.AskAsync(theirs, replacing, Time);
        var replaced = Difference(await replacedHere, replacedThere);
        var selecting = $"odd{{value=~{quoted}}}";
        var selectedHere = FuzzClient.AskAsync(ours, selecting, Time);
        var selectedThere = await FuzzClient.AskAsync(theirs, selecting, Time);
        var selected = Difference(await selectedHere, selectedThere);
        if (selectedThere.ErrorType.Length > 0) _refused++;
        else if (selectedThere.Labels.Count > 0) _matching++;
        // Its label_replace takes names of Unicode classes in other spellings than its matchers do.
        if (replaced is not null && selected is null && selectedThere.ErrorType.Length > 0 &&
            replacedThere.ErrorType.Length == 0 && pattern.Contains(@"\p", StringComparison.OrdinalIgnoreCase))
        {
            _spellings++;
            replaced = null;
        }

        if (selected is not null && replaced is null && pattern.Contains("(?", StringComparison.Ordinal) &&
            Selected(replacedThere).SetEquals((await selectedHere).Labels))
        {
            _shortCuts++;
            selected = null;
        }

        if ((replaced ?? selected) is not { } difference) return;
        _unexplainedCount++;
        if (_unexplainedCount > 40) return;
        _unexplained.AppendLine($"{name}: {replacing}").Append("  ").AppendLine(difference);
    }

    // What matched, as the series it was before.
    private static HashSet<string> Selected(FuzzedAnswer replaced) =>
        [.. replaced.Labels.Where(static labels => labels.Contains(",out=", StringComparison.Ordinal))
            .Select(static labels =>
            {
                var from = labels.IndexOf(",out=", StringComparison.Ordinal);
                return labels[..from] + labels[labels.IndexOf(",value=", from, StringComparison.Ordinal)..];
            })];

    private static string? Difference(FuzzedAnswer ours, FuzzedAnswer theirs)
    {
        if (!string.Equals(ours.Error, theirs.Error, StringComparison.Ordinal))
            return $"ours   {ours.Error}\n  theirs {theirs.Error}";
        return ours.Differences(theirs, isOrdered: false, 0) is [var first, ..] ? first.ToString() : null;
    }

    private static string Quoted(string text)
    {
        var quoted = text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return $"\"{quoted}\"";
    }
}

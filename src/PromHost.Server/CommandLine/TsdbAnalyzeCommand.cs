using System.CommandLine;
using PromHost.PromQL;
using PromHost.Storage;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary><c>promhost tsdb analyze</c>: what the series of a block are made of, as promtool writes it.</summary>
internal sealed class TsdbAnalyzeCommand
{
    private readonly Argument<string> _dataPath = TsdbCommand.DataPath();

    private readonly Argument<string> _block = new("block id")
    {
        Description = "The block; without it the newest one.",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<int> _limit = new("--limit")
    {
        Description = "How many items to show in each list.",
        HelpName = "N",
        DefaultValueFactory = _ => 20,
    };

    private readonly Option<string> _match = new("--match")
    {
        Description = "Look only at the series of this selector.",
        HelpName = "SELECTOR",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<bool> _isExtended = new("--extended")
    {
        Description = "Read the chunks too, and show how full and how long they are.",
    };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command(
            "analyze", "Show what the series of a block are made of: label pairs, names, values, churn.")
        {
            _dataPath, _block, _limit, _isExtended, _match,
        };
        command.SetTool((result, console, cancellationToken) =>
        {
            var match = result.GetRequiredValue(_match);
            try
            {
                var analysis = BlockAnalysis.Run(
                    result.GetRequiredValue(_dataPath), result.GetRequiredValue(_block),
                    match.Length > 0 ? Parser.ParseMetricSelector(match) : [], result.GetValue(_isExtended),
                    console.Progress.Show, cancellationToken);
                console.Progress.Clear();
                Write(analysis, console.Output, match, result.GetValue(_limit));
                if (analysis.Chunks is { } chunks) new ChunkTable(console.Output).Write(chunks);
                return 0;
            }
            catch (ParseException error)
            {
                console.Error.WriteLine($"promhost: --match: {error.Message}");
                return 1;
            }
        });
        return command;
    }

    private static void Write(BlockAnalysis analysis, TextWriter output, string match, int limit)
    {
        output.Write($"Block ID: {analysis.Id}\n");
        output.Write($"Duration: {GoDurationText.Of(analysis.DurationMs)}\n");
        output.Write($"Total Series: {analysis.TotalSeries}\n");
        if (match.Length > 0) output.Write($"Matcher: {match}\n");
        output.Write($"Label names: {analysis.LabelNames}\n");
        if (match.Length > 0) output.Write($"Matched series: {analysis.MatchedSeries}\n");
        output.Write($"Postings (unique label pairs): {analysis.LabelPairs}\n");
        output.Write($"Postings entries (total label pairs): {analysis.Labels}\n");
        List("Label pairs most involved in churning", analysis.ChurnOfPairs);
        List("Label names most involved in churning", analysis.ChurnOfNames);
        List("Most common label pairs", analysis.SeriesOfPairs);
        List("Label names with highest cumulative label value length", analysis.ValueBytesOfNames);
        List("Highest cardinality labels", analysis.ValuesOfNames);
        List("Highest cardinality metric names", analysis.SeriesOfMetrics);

        // Where promtool leaves equal counts in any order, ours are in that of their names.
        void List(string title, IEnumerable<NamedCount> counts)
        {
            output.Write($"\n{title}:\n");
            var largest = counts.OrderByDescending(one => one.Value).ThenBy(one => one.Name, StringComparer.Ordinal);
            foreach (var (name, value) in largest.Take(limit)) output.Write($"{value} {name}\n");
        }
    }
}

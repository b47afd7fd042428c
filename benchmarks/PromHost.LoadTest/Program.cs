using System.CommandLine;
using PromHost.LoadTest;
using Spectre.Console;

var scrapes = new Option<string>("--scrapes") { Description = "Recorded scrapes (gzip).", Required = true };
var instances = Number("--instances", 60, "Targets to make of the recorded one.");
var steps = Number("--steps", 1440, "Scrapes per target, 15 s apart.");
var batch = Number("--batch", 2000, "Samples per request.");
var connections = Number("--connections", 2, "Connections of the client; each has its own targets.");
var repetitions = Number("--repetitions", 5, "How often each query is asked; the median counts.");
var targets = new Option<string[]>("--target")
{
    Description = "NAME=COMMAND with {port} and {dir} in it, started, killed and restarted by the test; or " +
        "NAME=URL,PID of a server that runs already. May be repeated.",
    Required = true,
};
var probe = new Option<bool>("--probe")
{
    Description = "Look every millisecond during the push whether the server stalls; its CPU figure is void then.",
};
var run = new Command("run", "Generates a data set, puts each target through the test, prints one table.")
{
    scrapes, instances, steps, batch, connections, repetitions, probe, targets,
};
run.SetAction(async result =>
{
    var dataSet = new DataSet(result.GetValue(instances), result.GetValue(steps), 15, 1_793_491_200,
        result.GetValue(batch));
    var paths = Enumerable.Range(0, result.GetValue(connections)).Select(_ => Path.GetTempFileName()).ToList();
    try
    {
        await AnsiConsole.Status().StartAsync("generating", async status =>
        {
            var generator = new DataSetGenerator(ScrapeFile.Read(result.GetRequiredValue(scrapes)), dataSet);
            var total = generator.Write(paths, part => status.Status($"generating {part:P0}"));
            using var load = new LoadRun(
                dataSet, paths, total, result.GetValue(repetitions), result.GetValue(probe));
            var figures = new List<TargetFigures>();
            foreach (var text in result.GetRequiredValue(targets))
            {
                using var target = Target.Parse(text);
                figures.Add(await load.RunAsync(target, step => status.Status($"{target.Name}: {step}")));
            }

            Report.Print(figures);
        });
    }
    finally
    {
        foreach (var path in paths) File.Delete(path);
    }
});

var url = new Option<string>("--url") { Description = "The remote-write URL.", Required = true };
var files = new Option<string[]>("--file")
{
    Description = "A file of requests, sent over a connection of its own. May be repeated.",
    Required = true,
};
var skip = new Option<long>("--skip") { Description = "Samples of each file to pass over first." };
var max = new Option<long>("--max")
{
    Description = "Samples of each file after which to stop.",
    DefaultValueFactory = _ => long.MaxValue,
};
var push = new Command("push", "Sends files of requests; the client process of a run.")
{
    url, files, skip, max,
};
push.SetAction(result => Pusher.RunAsync(new Uri(result.GetRequiredValue(url)), result.GetRequiredValue(files),
    result.GetValue(skip), result.GetValue(max)));

var series = Number("--series", 200_000, "Series that live at one time.");
var hours = Number("--hours", 24, "Simulated hours.");
var firstHour = Number("--first-hour", 0, "Simulated hour to begin at: where an earlier run on the same data ended.");
var life = Number("--life", 10, "Simulated minutes that a series lives; a divisor of 60.");
var interval = Number("--interval", 60, "Simulated seconds between two samples of a series.");
var churn = new Command("churn", "Replaces all series again and again and prints the memory held.")
{
    series, firstHour, hours, life, interval, probe, targets,
};
churn.SetAction(async result =>
{
    foreach (var text in result.GetRequiredValue(targets))
    {
        using var load = new ChurnRun(
            result.GetValue(series), result.GetValue(firstHour), result.GetValue(hours), result.GetValue(life),
            result.GetValue(interval), result.GetValue(probe));
        using var target = Target.Parse(text);
        await load.RunAsync(target);
    }
});

var pushed = new Option<bool>("--pushed") { Description = "The targets hold the data set already: ask at once." };
var only = new Option<string?>("--only") { Description = "Ask only queries whose name has this in it." };
var queries = new Command("queries", "Fills all targets, asks each query of all, prints ratios of the first.")
{
    scrapes, instances, steps, batch, connections, repetitions, pushed, only, targets,
};
queries.SetAction(async result =>
{
    var dataSet = new DataSet(result.GetValue(instances), result.GetValue(steps), 15, 1_793_491_200,
        result.GetValue(batch));
    var load = new QueryRun(
        dataSet, ScrapeFile.Read(result.GetRequiredValue(scrapes)).WithLatencies(), result.GetValue(connections),
        result.GetValue(repetitions));
    var all = result.GetRequiredValue(targets).Select(Target.Parse).ToList();
    try
    {
        if (!result.GetValue(pushed)) await load.FillAsync(all);
        await load.AskAsync(all, LoadQuery.OfEveryKind.Where(query =>
            query.Name.Contains(result.GetValue(only) ?? "", StringComparison.Ordinal)));
    }
    finally
    {
        foreach (var target in all) target.Dispose();
    }
});

var root = new RootCommand("Load test over remote write, for PromHost and any peer, in one run.")
{
    run, queries, push, churn,
};
return await root.Parse(args).InvokeAsync();

static Option<int> Number(string name, int value, string description) =>
    new(name) { Description = description, DefaultValueFactory = _ => value };

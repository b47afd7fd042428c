using System.CommandLine;

namespace PromHost.Server;

/// <summary>The commands <c>promhost tsdb …</c>: look at, check and mend a data directory; make blocks.</summary>
internal static class TsdbCommand
{
    /// <summary>Builds the command with all that are below it.</summary>
    public static Command Build()
    {
        var command = new Command("tsdb", "Look at, check and mend a data directory; make blocks.");
        command.Add(new TsdbListCommand().Build());
        command.Add(new TsdbAnalyzeCommand().Build());
        command.Add(TsdbDumpCommand.BuildPlain());
        command.Add(TsdbDumpCommand.BuildOpenMetrics());
        command.Add(new TsdbVerifyCommand().Build());
        command.Add(new TsdbRepairCommand().Build());
        command.Add(new TsdbCreateBlocksCommand().Build());
        return command;
    }

    /// <summary>The argument of a data directory.</summary>
    internal static Argument<string> DataPath() => new("db path")
    {
        Description = "The data directory.",
        DefaultValueFactory = _ => "data/",
    };
}

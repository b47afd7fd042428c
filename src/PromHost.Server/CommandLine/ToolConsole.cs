using System.CommandLine;
using System.Text;

namespace PromHost.Server;

/// <summary>Where a tool writes.</summary>
/// <param name="Output">Its result.</param>
/// <param name="Error">What goes wrong.</param>
/// <param name="Progress">How far it is.</param>
internal sealed record ToolConsole(TextWriter Output, TextWriter Error, ProgressLine Progress)
{
    private const int BufferChars = 64 * 1024;

    /// <summary>The console that a command was started with.</summary>
    public static ToolConsole Of(InvocationConfiguration configuration)
    {
        var isReal = ReferenceEquals(configuration.Output, Console.Out);
        // The console's own writer flushes at every call: a dump has millions of them.
        var output = isReal
            ? new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), BufferChars) { NewLine = "\n" }
            : configuration.Output;
        var showsProgress = isReal && !Console.IsErrorRedirected;
        return new ToolConsole(
            output, configuration.Error, new ProgressLine(showsProgress ? Console.Error : TextWriter.Null));
    }
}

namespace PromHost.Conformance.Tests;

/// <summary><c>clear</c>: drops all data.</summary>
/// <param name="Line">Its first line.</param>
internal sealed record ClearCommand(int Line) : ScriptCommand(Line);

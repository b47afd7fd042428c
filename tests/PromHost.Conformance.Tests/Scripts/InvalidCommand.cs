namespace PromHost.Conformance.Tests;

/// <summary>A command that could not be read.</summary>
/// <param name="Line">Its first line.</param>
/// <param name="IsEval">Was it meant to be an eval?</param>
/// <param name="Error">What is wrong with it.</param>
internal sealed record InvalidCommand(int Line, bool IsEval, ScriptException Error) : ScriptCommand(Line);

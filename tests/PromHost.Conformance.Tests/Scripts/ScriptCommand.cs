namespace PromHost.Conformance.Tests;

/// <summary>A command of a script; the family is closed: clear, load, eval, and what could not be read.</summary>
/// <param name="Line">Its first line, counted from 1.</param>
internal abstract record ScriptCommand(int Line);

namespace PromHost.Model;

/// <summary>One step of a program.</summary>
internal readonly record struct RegexInstruction(RegexInstructionOp Op, int Out, int Argument);

namespace PromHost.PromQL;

/// <summary>One thing that is wrong with an expression.</summary>
/// <param name="Position">Where, in bytes; the empty range at 0 when the error has no position.</param>
/// <param name="Message">What, in upstream's words.</param>
public sealed record ParseError(PositionRange Position, string Message);

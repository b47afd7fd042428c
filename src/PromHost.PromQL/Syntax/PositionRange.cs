namespace PromHost.PromQL;

/// <summary>A half-open range of byte offsets into the UTF-8 text of an expression.</summary>
/// <param name="Start">Offset of the first byte.</param>
/// <param name="End">Offset after the last byte.</param>
public readonly record struct PositionRange(int Start, int End);

namespace PromHost.Tsdb;

/// <summary>How far a tool is.</summary>
/// <param name="Current">What it is at.</param>
/// <param name="Done">Work done, in units of the tool.</param>
/// <param name="Total">All work; 0 where that is not known.</param>
public readonly record struct ToolProgress(string Current, long Done, long Total);

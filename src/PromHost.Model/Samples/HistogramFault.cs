namespace PromHost.Model;

/// <summary>What is wrong with a native histogram.</summary>
/// <param name="Kind">In what way.</param>
/// <param name="Text">In Prometheus's words.</param>
public readonly record struct HistogramFault(HistogramFaultKind Kind, string Text);

namespace PromHost.Model;

/// <summary>An example behind a sample, such as a trace.</summary>
/// <param name="Labels">What identifies it, for example <c>trace_id</c>.</param>
/// <param name="TimestampMs">Milliseconds since the Unix epoch.</param>
/// <param name="Value">The observed value.</param>
/// <param name="HasOwnTimestamp">Did it come with a time, and not get the time of its scrape?</param>
public sealed record Exemplar(Labels Labels, long TimestampMs, double Value, bool HasOwnTimestamp = true);

namespace PromHost.PromQL;

/// <summary>Who asked for a query, as far as that is known.</summary>
/// <param name="Address">The client's address.</param>
/// <param name="UserAgent">What the client calls itself.</param>
/// <param name="Headers">Headers that tell where it comes from: dashboard, panel; by name.</param>
public sealed record QueryOrigin(
    string Address, string UserAgent, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Nobody in particular.</summary>
    public static QueryOrigin None { get; } = new("", "", []);
}

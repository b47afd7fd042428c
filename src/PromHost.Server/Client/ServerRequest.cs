namespace PromHost.Server;

/// <summary>What a server is asked.</summary>
/// <param name="Path">Below <c>/api/v1/</c>.</param>
/// <param name="Parameters">Names and values.</param>
/// <param name="IsGet">Does this path take no form?</param>
internal sealed record ServerRequest(
    string Path, IReadOnlyList<KeyValuePair<string, string>> Parameters, bool IsGet = false);

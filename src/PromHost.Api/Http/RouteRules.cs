namespace PromHost.Api;

/// <summary>How a route is served.</summary>
/// <param name="Methods">The methods it answers to; none: all.</param>
/// <param name="NeedsReady">Is it turned away with 503 while the workspace is not ready?</param>
/// <param name="Compresses">May its answers be compressed?</param>
/// <param name="OffersOptions">Is <c>OPTIONS</c> answered for it?</param>
internal sealed record RouteRules(
    string[] Methods, bool NeedsReady = true, bool Compresses = true, bool OffersOptions = true)
{
    /// <summary>Most of the API's reading endpoints.</summary>
    public static RouteRules Read { get; } = new(["GET"]);

    /// <summary>Every method, at any time.</summary>
    public static RouteRules Any { get; } = new([], NeedsReady: false);

    /// <summary>Paths outside the API where nothing is.</summary>
    public static RouteRules Unknown { get; } = Any with { OffersOptions = false };

    /// <summary>Endpoints whose parameters may come in a form.</summary>
    public static RouteRules ReadOrForm { get; } = new(["GET", "POST"]);
}

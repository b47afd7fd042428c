namespace PromHost.Api;

/// <summary>What was built, as <c>/api/v1/status/buildinfo</c> and <c>/version</c> tell it.</summary>
/// <param name="Version">The Prometheus version that the server is compatible with; clients compare it.</param>
/// <param name="Revision">The version of this product, then its commit when that is known.</param>
/// <param name="Branch">The branch it was built from.</param>
/// <param name="BuildUser">Who built it.</param>
/// <param name="BuildDate">When it was built.</param>
/// <param name="GoVersion">The runtime; the field keeps Prometheus's name.</param>
public sealed record BuildInfo(
    string Version, string Revision, string Branch, string BuildUser, string BuildDate, string GoVersion);

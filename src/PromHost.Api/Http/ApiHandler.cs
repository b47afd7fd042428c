namespace PromHost.Api;

/// <summary>
/// Answers one request: writes a successful answer into the call's body or throws. Whatever can fail happens before the
/// first piece is sent.
/// </summary>
/// <exception cref="ApiException">The answer is an error.</exception>
internal delegate ValueTask ApiHandler(ApiCall call);

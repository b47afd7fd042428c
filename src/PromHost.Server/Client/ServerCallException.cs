namespace PromHost.Server;

/// <summary>A server cannot be reached, or refuses what it is asked.</summary>
/// <param name="message">One line, which names the server or says what it said.</param>
internal sealed class ServerCallException(string message) : Exception(message.ReplaceLineEndings(" "));

namespace PromHost.Server;

/// <summary>What is imported is wrong; the message names file, line and column.</summary>
internal sealed class ImportException(string message) : Exception(message);

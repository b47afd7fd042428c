namespace PromHost.Server;

/// <summary>A configuration file that cannot be used; the text names file, line and what is wrong.</summary>
internal sealed class ConfigException(string message, Exception? innerException = null)
    : Exception(message, innerException);

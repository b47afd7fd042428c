namespace PromHost.Storage;

/// <summary>Stored data could not be read; the text names the file and the offset.</summary>
public sealed class StorageReadException(string message, Exception? innerException = null)
    : Exception(message, innerException);

namespace PromHost.Tsdb;

/// <summary>Another PromHost or Prometheus has the data directory open.</summary>
public sealed class DataDirectoryLockedException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="rootPath">The data directory.</param>
    /// <param name="innerException">The system's error.</param>
    public DataDirectoryLockedException(string rootPath, Exception? innerException)
        : base($"the data directory {rootPath} is in use by another process", innerException)
    {
    }
}

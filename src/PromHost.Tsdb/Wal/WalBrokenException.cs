namespace PromHost.Tsdb;

/// <summary>
/// The write-ahead log met an I/O error or a failed sync. What reached the disk is unknown, so nothing more is written
/// until the process starts anew.
/// </summary>
public sealed class WalBrokenException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="innerException">The error that broke the log.</param>
    public WalBrokenException(Exception innerException)
        : base($"the write-ahead log is closed after an I/O error: {innerException.Message}", innerException)
    {
    }
}

namespace PromHost.Tsdb;

/// <summary>
/// A write found no space or quota left. What was written before stays valid, and the same write may be tried again
/// when there is room.
/// </summary>
public sealed class DiskFullException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The file that could not grow.</param>
    /// <param name="innerException">The system's error.</param>
    public DiskFullException(string path, Exception? innerException)
        : base($"no space left on device: {path}", innerException)
    {
    }
}

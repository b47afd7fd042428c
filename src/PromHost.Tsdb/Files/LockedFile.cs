using Microsoft.Win32.SafeHandles;

namespace PromHost.Tsdb;

/// <summary>
/// Files that are locked as long as their owner lives: an <c>flock</c>, which ends with the process that took it.
/// </summary>
internal static class LockedFile
{
    // What a held flock gives: EWOULDBLOCK of Linux and of macOS, a sharing violation of Windows.
    private static readonly int[] HeldResults = [11, 35, unchecked((int)0x80070020)];

    /// <summary>Opens a file and locks it until the handle is closed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether it is there.</param>
    /// <exception cref="IOException">It cannot be opened; see <see cref="IsHeldByOther"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be opened.</exception>
    public static SafeFileHandle Open(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None);

    /// <summary>Has another process a file locked? Changes nothing; a file that is missing is not locked.</summary>
    /// <exception cref="IOException">Nobody can say: the file cannot be opened.</exception>
    public static bool IsHeld(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException error) when (IsHeldByOther(error))
        {
            return true;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>Could a file not be opened because another process has it locked?</summary>
    public static bool IsHeldByOther(IOException error) => Array.IndexOf(HeldResults, error.HResult) >= 0;
}

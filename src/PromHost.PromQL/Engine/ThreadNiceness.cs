using System.Runtime.InteropServices;

namespace PromHost.PromQL;

/// <summary>Lets threads give way to others of the process; .NET's thread priorities do nothing on Linux.</summary>
internal static partial class ThreadNiceness
{
    // A third of the time that a normal thread gets where both want to run.
    private const int Niceness = 5;

    /// <summary>Makes the calling thread give way, for good: only root could take it back.</summary>
    public static void GiveWay()
    {
        // On Linux it is a property of the thread, not of the process. A failure costs nothing but the courtesy.
        if (OperatingSystem.IsLinux()) _ = Nice(Niceness);
    }

    [LibraryImport("libc", EntryPoint = "nice")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Nice(int increment);
}

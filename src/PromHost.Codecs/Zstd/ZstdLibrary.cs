using System.Runtime.InteropServices;

namespace PromHost.Codecs;

/// <summary>Loads the system's <c>libzstd</c>; it stays loaded.</summary>
internal static class ZstdLibrary
{
    private static readonly string[] Names = ["libzstd.so.1", "libzstd.1.dylib", "libzstd.dll"];

    /// <summary>Loads it; false when the machine has none.</summary>
    public static bool TryLoad(out nint library)
    {
        library = 0;
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, out library)) return true;
        }

        return false;
    }

    /// <summary>A function of it.</summary>
    public static nint Export(nint library, string name) => NativeLibrary.GetExport(library, name);
}

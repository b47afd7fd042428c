using System.Globalization;

namespace PromHost.Api;

/// <summary>The memory of the process that is in RAM, in bytes; 0 where the system does not tell.</summary>
/// <param name="TotalBytes">All of it.</param>
/// <param name="AnonymousBytes">What the process has filled itself.</param>
/// <param name="FileBytes">Pages of mapped files, which the system takes back when it needs room.</param>
internal readonly record struct ResidentMemory(long TotalBytes, long AnonymousBytes, long FileBytes)
{
    private const string StatusPath = "/proc/self/status";

    /// <summary>Reads it now.</summary>
    public static ResidentMemory Read() => File.Exists(StatusPath)
        ? Parse(File.ReadLines(StatusPath))
        : new ResidentMemory(Environment.WorkingSet, 0, 0);

    /// <summary>Reads the lines of Linux's <c>/proc/self/status</c>.</summary>
    public static ResidentMemory Parse(IEnumerable<string> lines)
    {
        var memory = default(ResidentMemory);
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !line.EndsWith(" kB", StringComparison.Ordinal)) continue;
            if (!long.TryParse(line.AsSpan(colon + 1, line.Length - colon - 4), NumberStyles.AllowLeadingWhite,
                CultureInfo.InvariantCulture, out var kibibytes)) continue;
            memory = line[..colon] switch
            {
                "VmRSS" => memory with { TotalBytes = kibibytes << 10 },
                "RssAnon" => memory with { AnonymousBytes = kibibytes << 10 },
                "RssFile" => memory with { FileBytes = kibibytes << 10 },
                _ => memory,
            };
        }

        return memory;
    }
}

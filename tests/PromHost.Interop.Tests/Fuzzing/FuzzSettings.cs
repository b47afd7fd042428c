using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>What the environment says about random tests.</summary>
internal static class FuzzSettings
{
    /// <summary>A number, or another one where it is not set.</summary>
    public static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}

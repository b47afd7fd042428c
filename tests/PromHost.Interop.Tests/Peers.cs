namespace PromHost.Interop.Tests;

/// <summary>Where the programs are that PromHost is tested against; tests/install-peers.sh puts them there.</summary>
internal static class Peers
{
    public static string Prometheus => Path.Combine(Folder, "prometheus");

    /// <summary>Prometheus 2.42, the oldest one whose data directories are read and written.</summary>
    public static string OldPrometheus => Path.Combine(Folder, "../../2.42/usr/bin/prometheus");

    public static string Promtool => Path.Combine(Folder, "promtool");

    public static string OldPromtool => Path.Combine(Folder, "../../2.42/usr/bin/promtool");

    public static string NodeExporter => Path.Combine(Folder, "prometheus-node-exporter");

    private static string Folder => Environment.GetEnvironmentVariable("PROMHOST_PEERS") is { Length: > 0 } folder
        ? folder
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            ".cache/promhost-peers/usr/bin");

    private static bool Installed => File.Exists(Prometheus) && File.Exists(Promtool) && File.Exists(NodeExporter) &&
        File.Exists(OldPrometheus);

    private static bool Required =>
        string.Equals(Environment.GetEnvironmentVariable("PROMHOST_REQUIRE_PEERS"), "1", StringComparison.Ordinal);

    /// <summary>Skips the test by name where the programs are missing, or fails where they must be there.</summary>
    public static void Require()
    {
        const string Missing = "Prometheus, promtool and node_exporter are not installed: run tests/install-peers.sh";
        if (Required) Assert.True(Installed, Missing);
        Assert.SkipUnless(Installed, Missing);
    }

    public static bool Available => Installed;
}

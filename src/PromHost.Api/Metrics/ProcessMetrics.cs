using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace PromHost.Api;

/// <summary>
/// The process's own metrics: CPU, memory, file descriptors, garbage collection, and what was built. The names are
/// those of Prometheus's client libraries where there is one.
/// </summary>
public static class ProcessMetrics
{
    private const int StatmResidentPages = 1;

    /// <summary>Creates the instruments in a meter; they live as long as it.</summary>
    /// <param name="meter">The process's; its name begins with <see cref="MetricsCollector.MeterPrefix"/>.</param>
    /// <param name="build">What was built.</param>
    /// <param name="productVersion">The version of this product.</param>
    public static void Register(Meter meter, BuildInfo build, string productVersion)
    {
        ArgumentNullException.ThrowIfNull(meter);
        ArgumentNullException.ThrowIfNull(build);
        RegisterBuild(meter, build, productVersion);
        RegisterProcess(meter);
        RegisterRuntime(meter);
    }

    private static void RegisterBuild(Meter meter, BuildInfo build, string productVersion)
    {
        var prometheus = new Measurement<int>(1,
            new("version", build.Version), new("revision", build.Revision), new("branch", build.Branch),
            new("goversion", build.GoVersion));
        meter.CreateObservableGauge("prometheus_build_info", () => prometheus, null,
            "A metric with a constant '1' value labeled by the version that the server is compatible with.");
        var own = new Measurement<int>(1, new("version", productVersion), new("runtime", build.GoVersion));
        meter.CreateObservableGauge("promhost_build_info", () => own, null,
            "A metric with a constant '1' value labeled by the version of the product.");
    }

    private static void RegisterProcess(Meter meter)
    {
        using var process = Process.GetCurrentProcess();
        var started = (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
        meter.CreateObservableGauge("process_start_time_seconds", () => started, "s",
            "Start time of the process since unix epoch in seconds.");
        meter.CreateObservableCounter("process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds,
            "s", "Total user and system CPU time spent in seconds.");
        meter.CreateObservableGauge("process_resident_memory_bytes", ReadResidentBytes, "By",
            "Resident memory size in bytes.");
        meter.CreateObservableGauge("process_virtual_memory_bytes",
            () => ReadStatmPages(0) * Environment.SystemPageSize, "By", "Virtual memory size in bytes.");
        if (!OperatingSystem.IsLinux()) return;
        meter.CreateObservableGauge("process_open_fds", CountDescriptors, null, "Number of open file descriptors.");
        var limit = ReadDescriptorLimit();
        meter.CreateObservableGauge("process_max_fds", () => limit, null, "Maximum number of open file descriptors.");
    }

    private static void RegisterRuntime(Meter meter)
    {
        meter.CreateObservableCounter("dotnet_gc_collections_total", CountCollections, null,
            "Garbage collections by generation; each counts the ones of older generations too.");
        meter.CreateObservableCounter("dotnet_gc_pause_seconds_total", () => GC.GetTotalPauseDuration().TotalSeconds,
            "s", "Time that the process stood still for garbage collection.");
        meter.CreateObservableCounter("dotnet_gc_allocated_bytes_total", () => GC.GetTotalAllocatedBytes(), "By",
            "Bytes allocated on the managed heap over the process's life.");
        meter.CreateObservableGauge("dotnet_gc_heap_bytes", () => GC.GetTotalMemory(forceFullCollection: false), "By",
            "Managed heap size in bytes, garbage not yet collected included.");
        meter.CreateObservableGauge("dotnet_threadpool_threads", () => ThreadPool.ThreadCount, null,
            "Threads of the pool.");
        meter.CreateObservableGauge("dotnet_threadpool_queue_length", () => ThreadPool.PendingWorkItemCount, null,
            "Work items that wait for a thread of the pool.");
    }

    private static Measurement<int>[] CountCollections() =>
    [
        .. Enumerable.Range(0, GC.MaxGeneration + 1).Select(generation => new Measurement<int>(
            GC.CollectionCount(generation),
            new KeyValuePair<string, object?>("generation", generation.ToString(CultureInfo.InvariantCulture)))),
    ];

    private static long ReadResidentBytes()
    {
        if (OperatingSystem.IsLinux()) return ReadStatmPages(StatmResidentPages) * Environment.SystemPageSize;
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static long ReadStatmPages(int field)
    {
        if (!OperatingSystem.IsLinux()) return 0;
        var fields = File.ReadAllText("/proc/self/statm").Split(' ');
        return long.Parse(fields[field], CultureInfo.InvariantCulture);
    }

    private static int CountDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static double ReadDescriptorLimit()
    {
        foreach (var line in File.ReadLines("/proc/self/limits"))
        {
            if (!line.StartsWith("Max open files", StringComparison.Ordinal)) continue;
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return double.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                ? limit
                : double.PositiveInfinity;
        }

        return double.PositiveInfinity;
    }
}

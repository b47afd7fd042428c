namespace PromHost.PromQL;

/// <summary>The memory that the process may use.</summary>
public static class ProcessMemory
{
    /// <summary>
    /// In bytes: that of the machine, or of the container; the runtime knows the limits of control groups.
    /// </summary>
    public static long LimitBytes => GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes;
}

namespace PromHost.Api;

/// <summary>
/// <c>/api/v1/status/memory</c>, which Prometheus has not: what the memory of the process is used for.
/// </summary>
internal static class MemoryEndpoint
{
    /// <summary>Answers one request.</summary>
    public static ValueTask HandleAsync(ApiCall call)
    {
        var resident = ResidentMemory.Read();
        var storage = call.Services.Admin.GetMemoryUse();
        var collector = GC.GetGCMemoryInfo(GCKind.Any);
        var json = call.BeginSuccess();
        Field(ref json, "{\"resident\":{\"total\":"u8, resident.TotalBytes);
        Field(ref json, ",\"anonymous\":"u8, resident.AnonymousBytes);
        Field(ref json, ",\"file\":"u8, resident.FileBytes);
        json.Raw("},\"storage\":{"u8);
        var total = 0L;
        var unmanaged = 0L;
        foreach (var part in storage)
        {
            json.Text(part.Name);
            Field(ref json, ":"u8, part.Bytes);
            json.Raw((byte)',');
            total += part.Bytes;
            if (!part.IsManaged) unmanaged += part.Bytes;
        }

        Field(ref json, "\"total\":"u8, total);
        Field(ref json, "},\"queries\":"u8, call.Services.Engine.HeldBytes);
        Field(ref json, ",\"gcHeap\":{\"committed\":"u8, collector.TotalCommittedBytes);
        Field(ref json, ",\"used\":"u8, GC.GetTotalMemory(forceFullCollection: false));
        Field(ref json, ",\"fragmented\":"u8, collector.FragmentedBytes);
        json.Raw("},\"serverGc\":"u8);
        json.Raw(System.Runtime.GCSettings.IsServerGC ? "true"u8 : "false"u8);
        var runtime = resident.AnonymousBytes - unmanaged - collector.TotalCommittedBytes;
        Field(ref json, ",\"runtime\":"u8, Math.Max(0, runtime));
        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    private static void Field(ref JsonBuffer json, ReadOnlySpan<byte> name, long value)
    {
        json.Raw(name);
        json.Integer(value);
    }
}

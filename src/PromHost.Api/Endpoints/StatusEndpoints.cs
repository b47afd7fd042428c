using System.Buffers;
using Microsoft.AspNetCore.Http;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary>What the server tells of itself: <c>/api/v1/status/…</c> and <c>/version</c>.</summary>
internal static class StatusEndpoints
{
    /// <summary><c>/api/v1/status/buildinfo</c>.</summary>
    public static ValueTask HandleBuildInfoAsync(ApiCall call)
    {
        var json = call.BeginSuccess();
        WriteBuildInfo(ref json, call.Workspace.Build);
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    /// <summary><c>/version</c>: the same without the envelope.</summary>
    public static Task HandleVersionAsync(HttpContext http, BuildInfo build)
    {
        var output = new ArrayBufferWriter<byte>();
        var json = new JsonBuffer(output);
        WriteBuildInfo(ref json, build);
        json.Raw((byte)'\n');
        json.Commit();
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = output.WrittenCount;
        return http.Response.Body.WriteAsync(output.WrittenMemory, http.RequestAborted).AsTask();
    }

    /// <summary><c>/api/v1/status/runtimeinfo</c>; Go's fields have this runtime's nearest values.</summary>
    public static ValueTask HandleRuntimeInfoAsync(ApiCall call)
    {
        var info = call.Workspace.RuntimeInfo();
        var json = call.BeginSuccess();
        Field(ref json, "{\"startTime\":"u8, RequestTime.FormatRfc3339(info.StartTime));
        Field(ref json, ",\"CWD\":"u8, info.WorkingDirectory);
        Field(ref json, ",\"hostname\":"u8, info.HostName);
        Field(ref json, ",\"serverTime\":"u8, RequestTime.FormatRfc3339(call.Workspace.Time.GetUtcNow()));
        json.Raw(",\"reloadConfigSuccess\":"u8);
        json.Raw(info.ReloadConfigSuccess ? "true"u8 : "false"u8);
        Field(ref json, ",\"lastConfigTime\":"u8, RequestTime.FormatRfc3339(info.LastConfigTime));
        json.Raw(",\"corruptionCount\":"u8);
        json.Integer(CountCorruptions(call.Services.Admin.GetHealth()));
        json.Raw(",\"goroutineCount\":"u8);
        json.Integer(ThreadPool.ThreadCount);
        json.Raw(",\"GOMAXPROCS\":"u8);
        json.Integer(Environment.ProcessorCount);
        json.Raw(",\"GOMEMLIMIT\":"u8);
        json.Integer(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        json.Raw(",\"GOGC\":\"\",\"GODEBUG\":\"\""u8);
        Field(ref json, ",\"storageRetention\":"u8, info.StorageRetention);
        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    // As Prometheus counts: those of the log.
    private static long CountCorruptions(StorageHealth health) =>
        health.DamageCounts.Where(count => count.Name is "wal" or "checkpoint").Sum(count => count.Value);

    /// <summary><c>/api/v1/status/flags</c>.</summary>
    public static ValueTask HandleFlagsAsync(ApiCall call)
    {
        var json = call.BeginSuccess();
        json.Raw((byte)'{');
        var first = true;
        foreach (var (name, value) in call.Workspace.Flags.OrderBy(flag => flag.Key, StringComparer.Ordinal))
        {
            if (!first) json.Raw((byte)',');
            first = false;
            json.Text(name);
            json.Raw((byte)':');
            json.Text(value);
        }

        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    /// <summary><c>/api/v1/status/config</c>.</summary>
    public static ValueTask HandleConfigAsync(ApiCall call)
    {
        var json = call.BeginSuccess();
        Field(ref json, "{\"yaml\":"u8, call.Workspace.ConfigText());
        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    /// <summary><c>/api/v1/status/walreplay</c>, answered while the workspace is starting too.</summary>
    public static ValueTask HandleWalReplayAsync(ApiCall call)
    {
        var status = call.Workspace.Services?.Admin.GetReplayStatus() ?? call.Workspace.ReplayStatus();
        var json = call.BeginSuccess();
        json.Raw("{\"min\":"u8);
        json.Integer(status.FirstSegment);
        json.Raw(",\"max\":"u8);
        json.Integer(status.LastSegment);
        json.Raw(",\"current\":"u8);
        json.Integer(status.CurrentSegment);
        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    private static void WriteBuildInfo(ref JsonBuffer json, BuildInfo build)
    {
        Field(ref json, "{\"version\":"u8, build.Version);
        Field(ref json, ",\"revision\":"u8, build.Revision);
        Field(ref json, ",\"branch\":"u8, build.Branch);
        Field(ref json, ",\"buildUser\":"u8, build.BuildUser);
        Field(ref json, ",\"buildDate\":"u8, build.BuildDate);
        Field(ref json, ",\"goVersion\":"u8, build.GoVersion);
        json.Raw((byte)'}');
    }

    private static void Field(ref JsonBuffer json, ReadOnlySpan<byte> name, string value)
    {
        json.Raw(name);
        json.Text(value);
    }
}

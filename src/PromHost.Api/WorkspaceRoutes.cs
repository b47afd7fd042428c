using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PromHost.Api;

/// <summary>The routes of a workspace.</summary>
public static class WorkspaceRoutes
{
    /// <summary>Maps every route of a workspace below a group.</summary>
    /// <param name="group">The root, or a group such as <c>/workspaces/{id}</c>.</param>
    /// <param name="workspace">Whose routes; it may be opened later.</param>
    public static void MapWorkspace(this IEndpointRouteBuilder group, Workspace workspace)
    {
        var mapper = new RouteMapper(group, workspace);
        MapQueries(mapper, new QueryEndpoints(workspace));
        MapStatus(mapper, workspace);
        MapAdmin(mapper);
        MapProcess(mapper, workspace);
        mapper.MapPlain("/api/v1/write", new RouteRules(["POST"]), new RemoteWriteEndpoint(workspace).HandleAsync);
        mapper.MapPlain("/api/v1/{**rest}", RouteRules.Any, UnknownPath.HandleAsync);
        mapper.MapPlain("/{**rest}", RouteRules.Unknown, UnknownPath.HandleAsync);
    }

    private static void MapQueries(RouteMapper mapper, QueryEndpoints queries)
    {
        mapper.MapApi("/query", RouteRules.ReadOrForm, queries.HandleInstantAsync);
        mapper.MapApi("/query_range", RouteRules.ReadOrForm, queries.HandleRangeAsync);
        mapper.MapApi("/query_exemplars", RouteRules.ReadOrForm, ExemplarsEndpoint.HandleAsync);
        mapper.MapApi("/format_query", RouteRules.ReadOrForm, SyntaxEndpoints.HandleFormatAsync);
        mapper.MapApi("/parse_query", RouteRules.ReadOrForm, SyntaxEndpoints.HandleParseAsync);
        mapper.MapApi("/labels", RouteRules.ReadOrForm, LabelsEndpoint.HandleNamesAsync);
        mapper.MapApi("/label/{name}/values", RouteRules.Read, LabelsEndpoint.HandleValuesAsync);
        mapper.MapApi("/series", RouteRules.ReadOrForm, SeriesEndpoint.HandleAsync);
        mapper.MapApi("/metadata", RouteRules.Read, MetadataEndpoint.HandleAsync);
    }

    private static void MapStatus(RouteMapper mapper, Workspace workspace)
    {
        mapper.MapApi("/status/buildinfo", RouteRules.Read, StatusEndpoints.HandleBuildInfoAsync);
        mapper.MapApi("/status/runtimeinfo", RouteRules.Read, StatusEndpoints.HandleRuntimeInfoAsync);
        mapper.MapApi("/status/flags", RouteRules.Read, StatusEndpoints.HandleFlagsAsync);
        mapper.MapApi("/status/config", RouteRules.Read, StatusEndpoints.HandleConfigAsync);
        mapper.MapApi("/status/tsdb", RouteRules.Read, TsdbStatusEndpoint.HandleAsync);
        mapper.MapApi("/status/tsdb/blocks", RouteRules.Read, BlocksEndpoint.HandleAsync);
        mapper.MapApi("/status/memory", RouteRules.Read, MemoryEndpoint.HandleAsync);
        mapper.MapApi("/status/active_queries", RouteRules.Read, ActiveQueriesEndpoint.HandleListAsync);
        mapper.MapApi("/status/active_queries/{name}", new RouteRules(["DELETE"]),
            ActiveQueriesEndpoint.HandleEndAsync);
        mapper.MapApi("/status/damages", RouteRules.Read, DamagesEndpoint.HandleAsync);
        mapper.MapApi("/status/walreplay", RouteRules.Read with { NeedsReady = false, Compresses = false },
            StatusEndpoints.HandleWalReplayAsync);
        mapper.MapPlain("/version", new RouteRules(["GET"], NeedsReady: false),
            http => StatusEndpoints.HandleVersionAsync(http, workspace.Build));
    }

    private static void MapAdmin(RouteMapper mapper)
    {
        var rules = new RouteRules(["POST", "PUT"]);
        mapper.MapApi("/admin/tsdb/delete_series", rules, AdminEndpoints.HandleDeleteSeriesAsync);
        mapper.MapApi("/admin/tsdb/clean_tombstones", rules, AdminEndpoints.HandleCleanTombstonesAsync);
        mapper.MapApi("/admin/tsdb/snapshot", rules, AdminEndpoints.HandleSnapshotAsync);
    }

    private static void MapProcess(RouteMapper mapper, Workspace workspace)
    {
        var always = new RouteRules(["GET"], NeedsReady: false);
        mapper.MapPlain("/", always, LandingPage.HandleAsync);
        mapper.MapPlain("/-/healthy", new RouteRules(["GET", "HEAD"], NeedsReady: false),
            http => PlainText.WriteAsync(http, StatusCodes.Status200OK, "Prometheus Server is Healthy.\n"));
        mapper.MapPlain("/-/ready", new RouteRules(["GET", "HEAD"]),
            http => PlainText.WriteAsync(http, StatusCodes.Status200OK, "Prometheus Server is Ready.\n"));
        mapper.MapPlain("/-/reload", RouteRules.Any, Lifecycle.HandleAsync);
        mapper.MapPlain("/-/quit", RouteRules.Any, Lifecycle.HandleAsync);
        if (workspace.Metrics is { } metrics)
            mapper.MapPlain("/metrics", always, new MetricsEndpoint(metrics).HandleAsync);
    }
}

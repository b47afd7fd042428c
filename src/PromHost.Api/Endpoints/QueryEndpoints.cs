using PromHost.PromQL;

namespace PromHost.Api;

/// <summary><c>/api/v1/query</c> and <c>/api/v1/query_range</c>.</summary>
internal sealed class QueryEndpoints(Workspace workspace)
{
    // Enough for 60 s resolution over a week or 1 h over a year.
    private const int MaxPointsPerSeries = 11000;

    private readonly QueryMetrics _metrics = new(workspace.Meter);

    /// <summary>Evaluates at one time.</summary>
    public async ValueTask HandleInstantAsync(ApiCall call)
    {
        var parameters = call.Parameters;
        var limit = parameters.GetLimit();
        var nowMs = call.Workspace.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var timeMs = parameters.GetTime("time", nowMs);
        var options = ReadOptions(call);
        await AnswerAsync(call, limit, call.Services.Engine.ExecuteInstantAsync(
            call.Services.Queries, parameters.Get("query"), timeMs, options, call.Aborted)).ConfigureAwait(false);
    }

    /// <summary>Evaluates at the steps of a range.</summary>
    public async ValueTask HandleRangeAsync(ApiCall call)
    {
        var parameters = call.Parameters;
        var limit = parameters.GetLimit();
        var startMs = parameters.GetRequiredTime("start");
        var endMs = parameters.GetRequiredTime("end");
        if (endMs < startMs)
            throw ApiException.InvalidParameter("end", "end timestamp must not be before start time");
        var stepNanoseconds = parameters.GetRequiredDuration("step");
        var stepMs = stepNanoseconds / 1_000_000;
        if (stepMs <= 0)
        {
            throw ApiException.InvalidParameter("step",
                "zero or negative query resolution step widths are not accepted. Try a positive integer");
        }

        if (((Int128)endMs - startMs) * 1_000_000 / stepNanoseconds > MaxPointsPerSeries)
        {
            throw new ApiException(ApiErrorType.BadData, "exceeded maximum resolution of 11,000 points per " +
                "timeseries. Try decreasing the query resolution (?step=XX)");
        }

        var options = ReadOptions(call);
        await AnswerAsync(call, limit, call.Services.Engine.ExecuteRangeAsync(
            call.Services.Queries, parameters.Get("query"), startMs, endMs, stepMs, options, call.Aborted))
            .ConfigureAwait(false);
    }

    private static QueryOptions ReadOptions(ApiCall call)
    {
        var parameters = call.Parameters;
        var timeout = parameters.GetDuration("timeout");
        TimeSpan? lookback = null;
        if (parameters.Get("lookback_delta") is { Length: > 0 } text)
        {
            if (!RequestTime.TryParseDuration(text, out var nanoseconds, out var error))
                throw new ApiException(ApiErrorType.BadData, "error parsing lookback delta duration: " + error);
            lookback = TimeSpan.FromTicks(nanoseconds / 100);
        }

        return new QueryOptions
        {
            Timeout = timeout,
            LookbackDelta = lookback,
            Explain = parameters.Get("explain") switch
            {
                "" => ExplainMode.None,
                "plan" => ExplainMode.Plan,
                "analyze" => ExplainMode.Analyze,
                var other => throw ApiException.InvalidParameter(
                    "explain", $"{Model.GoText.Quote(other)} is neither \"plan\" nor \"analyze\""),
            },
            StatisticsByStep = parameters.Get("stats") is "all",
            Origin = ActiveQueriesEndpoint.OriginOf(call.Http),
        };
    }

    private async ValueTask AnswerAsync(ApiCall call, int limit, Task<QueryResult> execution)
    {
        QueryResult result;
        try
        {
            result = await execution.ConfigureAwait(false);
        }
        catch (QueryException e) when (e.Kind == QueryErrorKind.BadData)
        {
            throw ApiException.InvalidParameter("query", e.Message);
        }

        using (result) await WriteAsync(call, limit, result).ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(ApiCall call, int limit, QueryResult result)
    {
        _metrics.Record(result.Statistics);
        var stats = call.Parameters.Get("stats");
        var warnings = WarningsOf(result, limit, stats);
        if (result.Value is NoResult)
        {
            WritePlan(call, result.Explanation!);
            return;
        }

        Begin(call);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, result.Ended);
        try
        {
            await QueryResultJsonWriter
                .WriteAsync(call.Body, result.Value, limit == 0 ? int.MaxValue : limit, call.Services.Engine,
                    either.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (result.Ended.IsCancellationRequested)
        {
            throw result.EndedFailure();
        }

        End(call, result, withStatistics: stats.Length > 0, warnings);
    }

    private static List<string> WarningsOf(QueryResult result, int limit, string stats)
    {
        List<string> warnings = [.. result.Warnings];
        var count = result.Value switch
        {
            VectorResult vector => vector.Count,
            MatrixResult matrix => matrix.Series.Count,
            _ => 0,
        };
        if (limit > 0 && count > limit) warnings.Add(LabelsEndpoint.TruncatedWarning);
        if (stats is not ("" or "true" or "all"))
        {
            warnings.Add($"value {Model.GoText.Quote(stats)} for parameter \"stats\" is deprecated and will be " +
                "rejected in the next major release, use \"true\" or \"all\"");
        }

        return warnings;
    }

    private static void Begin(ApiCall call)
    {
        var json = call.BeginSuccess();
        json.Commit();
    }

    private static void End(ApiCall call, QueryResult result, bool withStatistics, List<string> warnings)
    {
        var json = new JsonBuffer(call.Body);
        if (withStatistics) StatisticsJson.Write(ref json, result.Statistics);
        if (result.Explanation is { } plan)
        {
            json.Raw(",\"explain\":"u8);
            ExplanationJson.Write(ref json, plan);
        }

        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json, warnings, result.Infos);
    }

    private static void WritePlan(ApiCall call, PlanExplanation plan)
    {
        var json = call.BeginSuccess();
        json.Raw("{\"explain\":"u8);
        ExplanationJson.Write(ref json, plan);
        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
    }
}

using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>Writes the plan of a query.</summary>
internal static class ExplanationJson
{
    /// <summary>Writes an operator and those below it as an object.</summary>
    public static void Write(ref JsonBuffer json, PlanExplanation plan)
    {
        json.Raw("{\"operator\":"u8);
        json.Text(plan.Operator);
        json.Raw(",\"expression\":"u8);
        json.Text(plan.Expression);
        Field(ref json, ",\"position\":{\"start\":"u8, plan.Position.Start);
        Field(ref json, ",\"end\":"u8, plan.Position.End);
        json.Raw(",\"place\":"u8);
        json.Text(plan.Place);
        Field(ref json, "},\"steps\":"u8, plan.Steps);
        json.Raw(",\"details\":"u8);
        json.Texts(plan.Details);
        WriteEstimate(ref json, plan.Estimated);
        if (plan.Actual is { } actual) WriteActual(ref json, actual);
        json.Raw(",\"children\":["u8);
        for (var i = 0; i < plan.Children.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            Write(ref json, plan.Children[i]);
        }

        json.Raw("]}"u8);
    }

    private static void WriteEstimate(ref JsonBuffer json, PlanEstimate estimate)
    {
        Field(ref json, ",\"estimated\":{\"series\":"u8, estimate.Series);
        Field(ref json, ",\"points\":"u8, estimate.Points);
        Field(ref json, ",\"samples\":"u8, estimate.Samples);
        Field(ref json, ",\"bytes\":"u8, estimate.Bytes);
        json.Raw((byte)'}');
    }

    private static void WriteActual(ref JsonBuffer json, PlanMeasurement actual)
    {
        Field(ref json, ",\"actual\":{\"series\":"u8, actual.Series);
        Field(ref json, ",\"points\":"u8, actual.Points);
        Field(ref json, ",\"samples\":"u8, actual.Samples);
        Field(ref json, ",\"bytes\":"u8, actual.Bytes);
        json.Raw(",\"milliseconds\":"u8);
        json.Number(Math.Round(actual.Elapsed.TotalMilliseconds, 3));
        json.Raw(",\"ownMilliseconds\":"u8);
        json.Number(Math.Round(actual.OwnElapsed.TotalMilliseconds, 3));
        Field(ref json, ",\"cacheHits\":"u8, actual.CacheHits);
        Field(ref json, ",\"cacheMisses\":"u8, actual.CacheMisses);
        json.Raw((byte)'}');
    }

    private static void Field(ref JsonBuffer json, ReadOnlySpan<byte> name, long value)
    {
        json.Raw(name);
        json.Integer(value);
    }
}

namespace PromHost.PromQL;

/// <summary>What is the same for the whole query: its range and step, and the functions that tell them.</summary>
/// <param name="StartMs">First evaluation time.</param>
/// <param name="EndMs">Last evaluation time, as asked for.</param>
/// <param name="StepMs">Distance of the evaluations, 0 for an instant query.</param>
internal readonly record struct QueryConstants(long StartMs, long EndMs, long StepMs)
{
    /// <summary>Is it a call of <c>start()</c>, <c>end()</c>, <c>range()</c> or <c>step()</c>?</summary>
    public static bool IsOne(Call call) => call.Function.Name is "start" or "end" or "range" or "step";

    /// <summary>The value of such a call, in seconds.</summary>
    public double ValueOf(Call call) => call.Function.Name switch
    {
        "start" => StartMs / 1000.0,
        "end" => EndMs / 1000.0,
        "range" => GoDuration.Seconds(EndMs - StartMs),
        _ => StartMs == EndMs ? 0 : GoDuration.Seconds(StepMs),
    };
}

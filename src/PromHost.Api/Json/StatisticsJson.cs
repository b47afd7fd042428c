using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>Writes the statistics of a query as Prometheus does.</summary>
internal static class StatisticsJson
{
    /// <summary>Writes them as the next field of an object that has fields already.</summary>
    public static void Write(ref JsonBuffer json, QueryStatistics statistics)
    {
        json.Raw(",\"stats\":{\"timings\":{\"evalTotalTime\":"u8);
        json.Number(statistics.EvaluationTime.TotalSeconds);
        json.Raw(",\"resultSortTime\":"u8);
        json.Number(statistics.ResultSortTime.TotalSeconds);
        json.Raw(",\"queryPreparationTime\":"u8);
        json.Number(statistics.PreparationTime.TotalSeconds);
        json.Raw(",\"innerEvalTime\":"u8);
        json.Number(statistics.InnerEvaluationTime.TotalSeconds);
        json.Raw(",\"execQueueTime\":"u8);
        json.Number(statistics.QueueTime.TotalSeconds);
        json.Raw(",\"execTotalTime\":"u8);
        json.Number(statistics.TotalTime.TotalSeconds);
        json.Raw("},\"samples\":{"u8);
        var byStep = statistics.ByStep;
        if (byStep is not null)
            WriteSteps(ref json, "\"totalQueryableSamplesPerStep\":["u8, byStep, byStep.TotalQueryableSamples);
        json.Raw("\"totalQueryableSamples\":"u8);
        json.Integer(statistics.TotalQueryableSamples);
        json.Raw((byte)',');
        if (byStep is not null)
            WriteSteps(ref json, "\"samplesReadPerStep\":["u8, byStep, byStep.SamplesRead);
        json.Raw("\"samplesRead\":"u8);
        json.Integer(statistics.SamplesRead);
        json.Raw(",\"peakSamples\":"u8);
        json.Integer(statistics.PeakSamples);
        json.Raw("}}"u8);
    }

    private static void WriteSteps(
        ref JsonBuffer json, ReadOnlySpan<byte> opening, StepStatistics byStep, IReadOnlyList<long> counts)
    {
        json.Raw(opening);
        for (var step = 0; step < counts.Count; step++)
        {
            if (step > 0) json.Raw((byte)',');
            json.Raw((byte)'[');
            json.Number((byStep.StartMs + (step * byStep.StepMs)) / 1000.0);
            json.Raw((byte)',');
            json.Integer(counts[step]);
            json.Raw((byte)']');
        }

        json.Raw("],"u8);
    }
}

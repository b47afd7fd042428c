// Hot path: every point of every function of one float.
using System.Numerics;

namespace PromHost.PromQL;

/// <summary>
/// Applies a function to every point of a vector and drops the metric's name. From most functions histograms vanish.
/// </summary>
internal sealed class MapOperator<TMap>(QueryContext context, SeriesOperator input) : SeriesOperator(input.Grid)
    where TMap : struct, IMap
{
    public override IReadOnlyList<OutputSeries> Open() => DroppedNames.Of(context, input.Open());

    public override bool TryNext(SeriesRow row)
    {
        if (!input.TryNext(row)) return false;
        if (row.HasHistograms) MapHistograms(row);
        var values = row.Values;
        for (var word = 0; word < row.Presence.Length; word++)
        {
            // A subquery's row can have millions of points, and a sine costs some.
            if ((word & 1023) == 1023) context.CheckEnded();
            var bits = row.Presence[word];
            var run = PresenceBits.LeadingRun(bits);
            if (run >= 0)
            {
                foreach (ref var value in values.Slice(word * 64, run)) value = TMap.Apply(value);
                continue;
            }

            for (; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                values[step] = TMap.Apply(values[step]);
            }
        }

        return true;
    }

    private static void MapHistograms(SeriesRow row)
    {
        for (var step = 0; step < row.StepCount; step++)
        {
            if (!row.Has(step) || row.HistogramAt(step) is not { } histogram) continue;
            if (TMap.Apply(histogram) is { } mapped) row.Set(step, mapped);
            else row.Unset(step);
        }
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}

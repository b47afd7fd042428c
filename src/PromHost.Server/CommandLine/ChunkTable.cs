using System.Globalization;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>Writes how full chunks are as <c>promtool tsdb analyze --extended</c> does.</summary>
/// <param name="output">Where.</param>
internal sealed class ChunkTable(TextWriter output)
{
    private const int WidestStep = 100_000;

    /// <summary>Writes all of it.</summary>
    public void Write(ChunkAnalysis chunks)
    {
        output.Write("\nCompaction analysis:\n\n");
        Write("samples per float chunk", chunks.FloatSamples, chunks.TotalChunks);
        Write("bytes per float chunk", chunks.FloatBytes, chunks.TotalChunks);
        Write("samples per histogram chunk", chunks.HistogramSamples, chunks.TotalChunks);
        Write("bytes per histogram chunk", chunks.HistogramBytes, chunks.TotalChunks);
        Write("buckets per histogram chunk", chunks.HistogramBuckets, chunks.TotalChunks);
    }

    // About ten steps, each a power of ten.
    private static int StepOf(int min, int max)
    {
        var step = 10;
        while (step < (max - min) / 10 && step < WidestStep) step *= 10;
        return step;
    }

    private void Write(string title, SortedDictionary<int, long> counts, long total)
    {
        if (counts.Count == 0)
        {
            output.Write($"{title}: N/A\n\n");
            return;
        }

        var (min, max) = (counts.Keys.First(), counts.Keys.Last());
        var step = StepOf(min, max);
        var start = min - (min % step);
        var end = max - (max % step) + step;
        var steps = new long[((end - start) / step) + 1];
        foreach (var (value, count) in counts) steps[(value - start) / step] += count;
        var average = counts.Sum(one => one.Key * one.Value) / counts.Values.Sum();
        output.Write(FormattableString.Invariant($"{title} (min/avg/max): {min}/{average}/{max}\n"));
        var (leftWidth, rightWidth, countWidth) = (Text(end).Length, Text(end + step).Length, Text(steps.Max()).Length);
        for (var i = 0; i < steps.Length; i++)
        {
            var left = Text((i * step) + start + 1).PadLeft(leftWidth);
            var right = Text(((i + 1) * step) + start).PadLeft(rightWidth);
            var bar = new string('#', (int)(100 * steps[i] / total));
            output.Write($"[{left}, {right}]: {Text(steps[i]).PadLeft(countWidth)} {bar}\n");
        }

        output.Write("\n");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

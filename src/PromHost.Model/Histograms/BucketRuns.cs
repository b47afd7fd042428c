// Hot path: sums of histograms whose layouts differ.
using System.Runtime.InteropServices;

namespace PromHost.Model;

/// <summary>
/// Where the buckets of one side lie among those of another that has all of them, as runs of neighbours: so they are
/// added in place.
/// </summary>
internal readonly ref struct BucketRuns
{
    /// <summary>The most runs that are told apart.</summary>
    public const int MaxCount = 64;

    private readonly ReadOnlySpan<Run> _runs;

    private BucketRuns(ReadOnlySpan<Run> runs) => _runs = runs;

    /// <summary>Looks for the buckets of one side in another.</summary>
    /// <param name="side">The side that may have them all.</param>
    /// <param name="part">The other side.</param>
    /// <param name="room">Room for <see cref="MaxCount"/> runs, used by the result.</param>
    /// <param name="runs">Where they are.</param>
    /// <returns>False if they are not all there, or in too many places.</returns>
    public static bool TryFind(in BucketView side, in BucketView part, Span<Run> room, out BucketRuns runs)
    {
        runs = default;
        if (!AreRegular(part) || !AreRegular(side)) return false;
        var count = 0;
        var next = 0; // our next span
        int start = 0, end = 0; // indexes of our span
        var position = 0; // of our span's first bucket among the counts
        var index = 0;
        foreach (var span in part.Spans)
        {
            index += span.Offset;
            for (var left = (int)span.Length; left > 0;)
            {
                while (next == 0 || index >= end)
                {
                    if (next == side.Spans.Length) return false;
                    position += end - start;
                    start = end + side.Spans[next].Offset;
                    end = start + (int)side.Spans[next++].Length;
                }

                if (index < start) return false;
                var length = Math.Min(left, end - index);
                var first = position + index - start;
                if (count > 0 && room[count - 1].End == first) room[count - 1].End += length;
                else if (count == room.Length) return false;
                else room[count++] = new Run { Start = first, End = first + length };
                index += length;
                left -= length;
            }
        }

        runs = new BucketRuns(room[..count]);
        return true;
    }

    /// <summary>Adds the counts; nothing is taken by rounding, or nobody keeps it.</summary>
    /// <param name="counts">Of the side that has them all.</param>
    /// <param name="added">Of the other side.</param>
    /// <param name="sign">1, or -1 to subtract.</param>
    public void Add(Span<double> counts, ReadOnlySpan<double> added, double sign)
    {
        foreach (var run in _runs)
        {
            var length = run.End - run.Start;
            BucketSums.Add(counts.Slice(run.Start, length), added[..length], sign);
            added = added[length..];
        }
    }

    /// <summary>Adds the counts and keeps what rounding takes.</summary>
    /// <param name="counts">Of the side that has them all.</param>
    /// <param name="lost">What rounding has taken from them.</param>
    /// <param name="added">Of the other side.</param>
    public void AddCompensated(Span<double> counts, Span<double> lost, ReadOnlySpan<double> added)
    {
        foreach (var run in _runs)
        {
            var length = run.End - run.Start;
            BucketSums.AddCompensated(
                counts.Slice(run.Start, length), lost.Slice(run.Start, length), added[..length]);
            added = added[length..];
        }
    }

    // Ascending, a count per bucket, and no span without buckets, which would be gone from a sum.
    private static bool AreRegular(in BucketView side)
    {
        long index = 0, count = 0;
        var isFirst = true;
        foreach (var span in side.Spans)
        {
            if (span.Length == 0 || (!isFirst && span.Offset < 0)) return false;
            isFirst = false;
            index += span.Offset + (long)span.Length;
            count += span.Length;
        }

        return count == side.Counts.Length && index < int.MaxValue;
    }

    /// <summary>A run, as places among the counts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Run
    {
        /// <summary>The first place.</summary>
        public int Start;

        /// <summary>The place behind the last.</summary>
        public int End;
    }
}

// Hot path: every sum of histograms whose layouts differ passes here.
namespace PromHost.Model;

/// <summary>
/// What is done to one side of a histogram so that its layout changes. Results go into a builder, which none of the
/// arguments may be a view of. Additions are made in the order of Prometheus 3.14
/// (<c>model/histogram/float_histogram.go</c>), and spans are cut where it cuts them, since <c>==</c> compares both.
/// </summary>
internal static class BucketOperations
{
    /// <summary>
    /// Adds one side to another. A bucket that the first one lacks joins the span before it, else the span behind it,
    /// else it is a new span.
    /// </summary>
    /// <param name="left">The side that is added to.</param>
    /// <param name="right">The side that is added.</param>
    /// <param name="schema">The schema of both.</param>
    /// <param name="threshold">Exponential buckets of <paramref name="right"/> up to here are left out.</param>
    /// <param name="sign">1, or -1 to subtract.</param>
    /// <param name="isCompensated">Is what rounding takes kept?</param>
    /// <param name="result">Receives the sum.</param>
    public static void Add(
        in BucketView left, in BucketView right, int schema, double threshold, double sign, bool isCompensated,
        BucketBuilder result)
    {
        result.Clear();
        var ours = left.GetCursor();
        var theirs = right.GetCursor();
        var hasOurs = ours.MoveNext();
        var hasTheirs = theirs.MoveNext();
        if (schema != NativeHistogram.CustomBucketsSchema)
        {
            while (hasTheirs && BucketBounds.UpperOfExponential(schema, theirs.Index) <= threshold)
                hasTheirs = theirs.MoveNext();
        }

        var isJoined = false; // Does the last bucket, a new one, belong to our next span?
        while (hasOurs || hasTheirs)
        {
            if (hasOurs && (!hasTheirs || ours.Index <= theirs.Index))
            {
                var beginsSpan = ours.BeginsSpan && !isJoined;
                result.Append(ours.Index, left.Counts[ours.Position], left.LostAt(ours.Position), beginsSpan);
                isJoined = false;
                hasOurs = ours.MoveNext();
                if (!hasTheirs || !result.EndsWith(theirs.Index)) continue;
                result.AddToLast(sign * right.Counts[theirs.Position], right.LostAt(theirs.Position), isCompensated);
            }
            else
            {
                isJoined = !result.EndsBefore(theirs.Index) && hasOurs && ours.Index == theirs.Index + 1;
                result.Append(
                    theirs.Index, sign * right.Counts[theirs.Position], right.LostAt(theirs.Position), false);
            }

            hasTheirs = theirs.MoveNext();
        }
    }

    /// <summary>
    /// Lowers the resolution: the bucket with index i of schema s becomes a part of the bucket ceil(i / 2^n) of schema
    /// s - n.
    /// </summary>
    /// <param name="side">The side.</param>
    /// <param name="shift">How many schemas lower.</param>
    /// <param name="isCompensated">Is what rounding takes kept?</param>
    /// <param name="result">Receives the buckets.</param>
    public static void Lower(in BucketView side, int shift, bool isCompensated, BucketBuilder result)
    {
        result.Clear();
        var cursor = side.GetCursor();
        while (cursor.MoveNext())
        {
            var index = LoweredIndex(cursor.Index, shift);
            var count = side.Counts[cursor.Position];
            var lost = side.LostAt(cursor.Position);
            if (result.EndsWith(index)) result.AddToLast(count, lost, isCompensated);
            else result.Append(index, count, lost, beginsSpan: false);
        }
    }

    /// <summary>The index of the bucket of a lower schema that a bucket becomes a part of.</summary>
    /// <param name="index">The index of the bucket.</param>
    /// <param name="shift">How many schemas lower.</param>
    public static int LoweredIndex(int index, int shift) => ((index - 1) >> shift) + 1;

    /// <summary>
    /// Leaves out empty buckets, but those in gaps of at most so many, which are filled up; spans end at the gaps that
    /// remain.
    /// </summary>
    /// <param name="side">The side.</param>
    /// <param name="maxEmptyBuckets">The longest run of empty buckets that is no gap.</param>
    /// <param name="result">Receives the buckets.</param>
    public static void Compact(in BucketView side, int maxEmptyBuckets, BucketBuilder result)
    {
        if (maxEmptyBuckets == 0)
        {
            LeaveOutEmpty(side, result);
            return;
        }

        result.Clear();
        var cursor = side.GetCursor();
        while (cursor.MoveNext()) AppendUnlessEmpty(side, cursor.Index, cursor.Position, maxEmptyBuckets, result);
    }

    /// <summary>Leaves out empty buckets and those that begin within a zero bucket.</summary>
    /// <param name="side">The side, of an exponential histogram.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="threshold">Half width of the zero bucket.</param>
    /// <param name="result">Receives the buckets.</param>
    public static void CompactOutside(in BucketView side, int schema, double threshold, BucketBuilder result)
    {
        result.Clear();
        var cursor = side.GetCursor();
        var isInside = true;
        while (cursor.MoveNext())
        {
            isInside = isInside && BucketBounds.UpperOfExponential(schema, cursor.Index - 1) < threshold;
            if (!isInside) AppendUnlessEmpty(side, cursor.Index, cursor.Position, 0, result);
        }
    }

    /// <summary>Would <see cref="Compact"/> without any empty buckets change anything?</summary>
    public static bool IsCompact(in BucketView side)
    {
        var i = 0;
        foreach (var span in side.Spans)
        {
            if (span.Length == 0 || (i++ > 0 && span.Offset == 0)) return false;
        }

        if (side.Lost.IsEmpty) return !side.Counts.Contains(0.0);
        for (var k = 0; k < side.Counts.Length; k++)
        {
            if (side.Counts[k] == 0 && side.Lost[k] == 0) return false;
        }

        return true;
    }

    // Every rate passes here: runs of buckets that are not empty are copied as a whole.
    private static void LeaveOutEmpty(in BucketView side, BucketBuilder result)
    {
        result.Clear();
        var counts = side.Counts;
        var lost = side.Lost;
        var position = 0;
        var end = 0; // the index behind the last span
        foreach (var span in side.Spans)
        {
            var offset = unchecked(end + span.Offset) - position; // from places among the counts to indexes
            end = unchecked(end + span.Offset + (int)span.Length);
            var limit = (int)Math.Min(position + (long)span.Length, counts.Length);
            while (position < limit)
            {
                var start = position;
                while (position < limit && !IsEmpty(counts, lost, position)) position++;
                if (position > start)
                {
                    result.AppendRun(
                        start + offset, counts[start..position], lost.IsEmpty ? default : lost[start..position]);
                }

                while (position < limit && IsEmpty(counts, lost, position)) position++;
            }
        }
    }

    private static bool IsEmpty(ReadOnlySpan<double> counts, ReadOnlySpan<double> lost, int position) =>
        counts[position] == 0 && (lost.IsEmpty || lost[position] == 0);

    private static void AppendUnlessEmpty(
        in BucketView side, int index, int position, int maxEmptyBuckets, BucketBuilder result)
    {
        var count = side.Counts[position];
        var lost = side.LostAt(position);
        if (count == 0 && lost == 0) return;
        var gap = result.GapBefore(index);
        if (gap <= maxEmptyBuckets)
        {
            for (var i = 0; i < gap; i++) result.Append((int)(index - gap + i), 0, 0, beginsSpan: false);
        }

        result.Append(index, count, lost, beginsSpan: false);
    }
}

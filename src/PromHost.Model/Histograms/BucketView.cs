using System.Runtime.InteropServices;

namespace PromHost.Model;

/// <summary>One side of a histogram, to be read. Owned by nobody: valid as long as what it was made of.</summary>
/// <param name="spans">The layout.</param>
/// <param name="counts">The counts.</param>
/// <param name="lost">What rounding has taken from the counts; empty if nothing.</param>
internal readonly ref struct BucketView(
    ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<double> counts, ReadOnlySpan<double> lost)
{
    /// <summary>The layout.</summary>
    public ReadOnlySpan<HistogramSpan> Spans { get; } = spans;

    /// <summary>The counts.</summary>
    public ReadOnlySpan<double> Counts { get; } = counts;

    /// <summary>What rounding has taken from the counts; empty if nothing.</summary>
    public ReadOnlySpan<double> Lost { get; } = lost;

    /// <summary>What rounding has taken from a count.</summary>
    public double LostAt(int position) => Lost.IsEmpty ? 0 : Lost[position];

    /// <summary>A cursor before the first bucket.</summary>
    public BucketCursor GetCursor() => new(Spans, Counts.Length);

    /// <summary>Are spans and number of buckets those of another side?</summary>
    public bool HasLayoutOf(in BucketView other) =>
        Counts.Length == other.Counts.Length
        && (Spans == other.Spans
            || MemoryMarshal.AsBytes(Spans).SequenceEqual(MemoryMarshal.AsBytes(other.Spans)));

    /// <summary>Does the first bucket lie within a zero bucket, as a whole?</summary>
    /// <param name="schema">An exponential schema.</param>
    /// <param name="threshold">Half width of the zero bucket.</param>
    public bool BeginsWithin(int schema, double threshold)
    {
        var cursor = GetCursor();
        return cursor.MoveNext() && BucketBounds.UpperOfExponential(schema, cursor.Index) <= threshold;
    }
}

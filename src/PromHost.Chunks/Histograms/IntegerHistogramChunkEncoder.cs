// Hot path: the loops run once per bucket of every ingested histogram.

namespace PromHost.Chunks;

/// <summary>Histograms of integer counts: what is stored is how much faster the counts grow than before.</summary>
internal sealed class IntegerHistogramChunkEncoder(byte encoding, HistogramRecoder recoder)
    : HistogramChunkEncoder(encoding, recoder)
{
    private long[] _changes = [];
    private long _countDelta;
    private long _zeroDelta;
    private XorFrame _sumFrame;

    private protected override void WriteFirst(RawHistogram histogram)
    {
        Writer.WriteVarbitUnsigned(histogram.CountWord);
        Writer.WriteVarbitUnsigned(histogram.ZeroCountWord);
        Writer.Write64(BitConverter.DoubleToUInt64Bits(histogram.Sum));
        WriteFirst(histogram.PositiveBuckets);
        WriteFirst(histogram.NegativeBuckets);
        _countDelta = 0;
        _zeroDelta = 0;
        _sumFrame = default;
        var buckets = histogram.Buckets.Length;
        if (_changes.Length < buckets) _changes = new long[buckets];
        _changes.AsSpan(0, buckets).Clear();
    }

    private protected override void WriteChanges(RawHistogram histogram)
    {
        // A stale marker has no counts. Only further ones follow it, so what the deltas are then does not matter.
        var isStale = histogram.IsStale;
        var countDelta = isStale ? _countDelta : (long)(histogram.CountWord - Last.CountWord);
        var zeroDelta = isStale ? _zeroDelta : (long)(histogram.ZeroCountWord - Last.ZeroCountWord);
        Writer.WriteVarbit(countDelta - _countDelta);
        Writer.WriteVarbit(zeroDelta - _zeroDelta);
        _countDelta = countDelta;
        _zeroDelta = zeroDelta;
        Writer.WriteXor(
            BitConverter.DoubleToUInt64Bits(histogram.Sum), BitConverter.DoubleToUInt64Bits(Last.Sum), ref _sumFrame);
        if (isStale) return;
        var positive = histogram.PositiveBuckets;
        WriteChanges(positive, Last.PositiveBuckets, _changes);
        WriteChanges(histogram.NegativeBuckets, Last.NegativeBuckets, _changes.AsSpan(positive.Length));
    }

    // Of a bucket its difference to the bucket before is stored.
    private void WriteFirst(ReadOnlySpan<ulong> buckets)
    {
        var before = 0UL;
        foreach (var bucket in buckets)
        {
            Writer.WriteVarbit((long)(bucket - before));
            before = bucket;
        }
    }

    // Here: how much that difference grew more than the last time.
    private void WriteChanges(ReadOnlySpan<ulong> buckets, ReadOnlySpan<ulong> last, Span<long> changes)
    {
        var growthBefore = 0UL;
        for (var i = 0; i < buckets.Length; i++)
        {
            var growth = buckets[i] - last[i];
            var change = (long)(growth - growthBefore);
            Writer.WriteVarbit(change - changes[i]);
            changes[i] = change;
            growthBefore = growth;
        }
    }
}

// Hot path: the loops run once per bucket of every ingested histogram.

namespace PromHost.Chunks;

/// <summary>Histograms whose counts are floats: every count is stored by its changed bits.</summary>
internal sealed class FloatHistogramChunkEncoder(byte encoding, HistogramRecoder recoder)
    : HistogramChunkEncoder(encoding, recoder)
{
    private XorFrame[] _frames = [];
    private XorFrame _countFrame;
    private XorFrame _zeroFrame;
    private XorFrame _sumFrame;

    private protected override void WriteFirst(RawHistogram histogram)
    {
        Writer.Write64(histogram.CountWord);
        Writer.Write64(histogram.ZeroCountWord);
        Writer.Write64(BitConverter.DoubleToUInt64Bits(histogram.Sum));
        foreach (var bucket in histogram.Buckets) Writer.Write64(bucket);
        _countFrame = default;
        _zeroFrame = default;
        _sumFrame = default;
        var buckets = histogram.Buckets.Length;
        if (_frames.Length < buckets) _frames = new XorFrame[buckets];
        _frames.AsSpan(0, buckets).Clear();
    }

    private protected override void WriteChanges(RawHistogram histogram)
    {
        Writer.WriteXor(histogram.CountWord, Last.CountWord, ref _countFrame);
        Writer.WriteXor(histogram.ZeroCountWord, Last.ZeroCountWord, ref _zeroFrame);
        Writer.WriteXor(
            BitConverter.DoubleToUInt64Bits(histogram.Sum), BitConverter.DoubleToUInt64Bits(Last.Sum), ref _sumFrame);
        if (histogram.IsStale) return;
        ReadOnlySpan<ulong> buckets = histogram.Buckets;
        ReadOnlySpan<ulong> last = Last.Buckets;
        for (var i = 0; i < buckets.Length; i++) Writer.WriteXor(buckets[i], last[i], ref _frames[i]);
    }
}

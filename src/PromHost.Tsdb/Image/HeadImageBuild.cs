// Hot path: a start makes every series of the image here.
using System.Runtime.InteropServices;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>Fills an empty head from an image that <see cref="HeadImageCheck"/> has found to be good.</summary>
/// <param name="head">The head.</param>
/// <param name="image">The image.</param>
/// <param name="check">What the check found.</param>
/// <param name="register">
/// Takes note of a series and its number in the log, and gives it its full chunks; called before its open chunk is
/// there, and with its other numbers at the end.
/// </param>
/// <param name="seriesOf">The series of a number in the log; 0 when it has none.</param>
internal sealed class HeadImageBuild(
    Head head, HeadImage image, HeadImageCheck check, Action<int, ulong> register, Func<ulong, int> seriesOf)
{
    private readonly List<int> _pairs = [];
    private readonly List<MappedChunk> _mapped = [];
    private readonly LabelsBuilder _labels = new();
    private int[] _numbers = [];
    private int _pairCount;

    /// <summary>Fills the head.</summary>
    /// <param name="applyRecord">Applies a record as the log holds them.</param>
    public void Run(RecordReceiver applyRecord)
    {
        head.Table.Reserve(image.LastWalRef);
        foreach (var (kind, index) in image.Sections)
        {
            var data = image.DataOf(index);
            switch (kind)
            {
                case ImageSectionKind.Pairs:
                    AddPairs(data);
                    break;
                case ImageSectionKind.Series:
                    AddSeries(data);
                    break;
                case ImageSectionKind.OtherRefs:
                    AddOtherRefs(data);
                    break;
                case ImageSectionKind.Tombstones or ImageSectionKind.Metadata:
                    applyRecord(data);
                    break;
                case ImageSectionKind.Exemplars:
                    AddExemplars(data);
                    break;
                default:
                    break;
            }
        }
    }

    private void AddPairs(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        while (reader.TryReadUvarintBytes(out var name) && reader.TryReadUvarintBytes(out var value))
        {
            if (_pairCount == _numbers.Length) Array.Resize(ref _numbers, Math.Max(1024, 2 * _pairCount));
            _numbers[_pairCount++] = head.Table.AddPair(name, value);
        }
    }

    private void AddSeries(ReadOnlySpan<byte> data)
    {
        var reader = new ImageSeriesReader(data);
        while (reader.MoveNext(_pairs, _mapped))
        {
            foreach (ref var pair in CollectionsMarshal.AsSpan(_pairs)) pair = _numbers[pair];
            var series = head.Table.GetOrAddLogged(CollectionsMarshal.AsSpan(_pairs), reader.WalRef, out _);
            register(series, reader.WalRef);
            switch (reader.Open)
            {
                case ImageOpenChunk.Floats:
                    if (IsWanted(series, reader.MinTimeMs, reader.Encoder.LastTimestampMs))
                    {
                        head.Appender.Resume(
                            series, reader.Encoder, reader.Chunk, reader.MinTimeMs, reader.CutAtMs);
                    }

                    break;
                case ImageOpenChunk.Histograms or ImageOpenChunk.HistogramsWithPredictedEnd:
                    var open = check.Histograms.Dequeue();
                    if (IsWanted(series, reader.MinTimeMs, open.LastTimeMs))
                        head.Appender.Resume(series, open, reader.MinTimeMs, reader.CutAtMs);
                    break;
                default:
                    break;
            }
        }
    }

    // It may have become a full chunk since, and it may be in a block.
    private bool IsWanted(int series, long minTimeMs, long lastTimeMs) =>
        minTimeMs > head.Appender.LastTimeMs(series) && lastTimeMs >= head.MinValidTimeMs;

    private void AddOtherRefs(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        while (reader.TryReadUvarint(out var other) && reader.TryReadUvarint(out var walRef))
        {
            if (seriesOf(walRef) is not (> 0 and var series)) continue;
            head.Table.Reserve(other);
            register(series, other);
        }
    }

    private void AddExemplars(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        while (ImageLabels.TryRead(ref reader, _labels, out var series) &&
            ImageLabels.TryRead(ref reader, _labels, out var labels) &&
            reader.TryReadVarint(out var timestampMs) && reader.TryReadDouble(out var value) &&
            reader.TryReadByte(out var hasOwnTimestamp))
            head.Exemplars.Add(series, new Exemplar(labels, timestampMs, value, hasOwnTimestamp != 0));
    }
}

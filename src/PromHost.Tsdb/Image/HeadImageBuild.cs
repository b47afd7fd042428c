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
    private int _seriesRead;

    /// <summary>The series of the image.</summary>
    public int Series => image.Series;

    /// <summary>Those of them that are there. For any thread.</summary>
    public int SeriesRead => Volatile.Read(ref _seriesRead);

    /// <summary>Fills the head.</summary>
    /// <param name="applyRecord">Applies a record as the log holds them.</param>
    public void Run(RecordReceiver applyRecord)
    {
        head.Table.Reserve(image.LastWalRef);
        foreach (var (kind, index) in image.Sections)
        {
            if (kind == ImageSectionKind.Pairs) AddPairs(image.DataOf(index));
        }

        using (var chunks = new HeadImageChunks(head, image, register))
        {
            foreach (var section in check.Sections)
            {
                section.Series = AddSeries(section);
                chunks.Add(section);
            }

            chunks.Finish();
        }

        foreach (var (kind, index) in image.Sections) AddRest(kind, image.DataOf(index), applyRecord);
    }

    // What belongs to series.
    private void AddRest(ImageSectionKind kind, ReadOnlySpan<byte> data, RecordReceiver applyRecord)
    {
        switch (kind)
        {
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

    private void AddPairs(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        while (reader.TryReadUvarintBytes(out var name) && reader.TryReadUvarintBytes(out var value))
        {
            if (_pairCount == _numbers.Length) Array.Resize(ref _numbers, Math.Max(1024, 2 * _pairCount));
            _numbers[_pairCount++] = head.Table.AddPair(name, value);
        }
    }

    private int[] AddSeries(CheckedSection section)
    {
        var numbers = new int[section.Hashes.Count];
        var reader = new ImageSeriesReader(image.DataOf(section.Index));
        for (var i = 0; i < numbers.Length; i++)
        {
            reader.MoveNext(_pairs, _mapped);
            foreach (ref var pair in CollectionsMarshal.AsSpan(_pairs)) pair = _numbers[pair];
            numbers[i] = head.Table.GetOrAddLogged(CollectionsMarshal.AsSpan(_pairs), section.Hashes[i], reader.WalRef);
        }

        Volatile.Write(ref _seriesRead, _seriesRead + numbers.Length);
        return numbers;
    }

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

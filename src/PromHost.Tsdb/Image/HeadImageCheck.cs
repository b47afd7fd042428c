// Hot path: a start looks at every series of the image here.
using System.Globalization;
using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// Reads a head image through, on all cores, and holds it against what else there is, before anything is made of it.
/// </summary>
/// <param name="head">The head, to be filled.</param>
/// <param name="chunks">
/// The chunks of the mapped files that the head is to have, by the number of their series, oldest first.
/// </param>
internal sealed class HeadImageCheck(Head head, IReadOnlyDictionary<ulong, List<MappedChunk>> chunks)
{
    private readonly Lock _histogramsLock = new();
    private readonly List<CheckedSection> _sections = [];

    /// <summary>The sections of series, in order.</summary>
    public IReadOnlyList<CheckedSection> Sections => _sections;

    /// <summary>Why the image cannot be used; null when it can.</summary>
    public string? FindProblem(HeadImage image)
    {
        if (image.MinValidTimeMs > head.MinValidTimeMs) return "a block is missing that was there";
        var pairs = new ImagePairs(image);
        foreach (var (kind, index) in image.Sections)
        {
            if (kind is < ImageSectionKind.Anchor or > ImageSectionKind.End) return "a section is of an unknown kind";
            if (kind == ImageSectionKind.Pairs && !pairs.TryAdd(index)) return "a label pair makes no sense";
            if (kind == ImageSectionKind.Series) _sections.Add(new CheckedSection(index, pairs.Count));
        }

        Parallel.For(0, _sections.Count, i => _sections[i].Problem = FindProblem(image, pairs, _sections[i]));
        return _sections.Find(section => section.Problem is not null)?.Problem ??
            (_sections.Sum(section => section.Hashes.Count) == image.Series ? null : "some of the series are missing");
    }

    private string? FindProblem(HeadImage image, ImagePairs imagePairs, CheckedSection section)
    {
        List<int> pairs = [];
        List<MappedChunk> mapped = [];
        byte[] encoded = [];
        var reader = new ImageSeriesReader(image.DataOf(section.Index));
        while (reader.MoveNext(pairs, mapped))
        {
            foreach (var pair in pairs)
            {
                if (pair >= section.PairCount) return "a series has a label pair that is not there";
            }

            section.Hashes.Add(head.Table.HashOf(imagePairs.Encode(CollectionsMarshal.AsSpan(pairs), ref encoded)));
            var lastTimeMs = reader.Encoder.LastTimestampMs;
            if (reader.Open is ImageOpenChunk.Histograms or ImageOpenChunk.HistogramsWithPredictedEnd)
            {
                if (Resume(ref reader) is not { } open) return "an open chunk of histograms cannot be read";
                section.Histograms.Enqueue(open);
                lastTimeMs = open.LastTimeMs;
            }

            if (FindProblemOfChunks(ref reader, mapped, lastTimeMs) is { } problem)
                return string.Create(CultureInfo.InvariantCulture, $"{problem} (series {reader.WalRef})");
        }

        return reader.IsMalformed ? "a series makes no sense" : null;
    }

    // They share what they are read with.
    private OpenHistogram? Resume(ref ImageSeriesReader series)
    {
        var hasPredictedEnd = series.Open == ImageOpenChunk.HistogramsWithPredictedEnd;
        lock (_histogramsLock)
            return head.Appender.ResumeHistograms(series.Encoding, series.Chunk, hasPredictedEnd);
    }

    // The files must hold the series' chunks, those that the image names first, and then what became of the open one.
    private string? FindProblemOfChunks(ref ImageSeriesReader series, List<MappedChunk> mapped, long lastTimeMs)
    {
        var there = chunks.GetValueOrDefault(series.WalRef);
        var next = 0;
        foreach (var chunk in mapped)
        {
            if (chunk.MaxTimeMs < head.MinValidTimeMs) continue;
            if (there is null || next == there.Count || there[next] != chunk) return "a chunk is not in its file";
            next++;
        }

        if (there is null || next == there.Count || series.Open == ImageOpenChunk.None) return null;
        if (lastTimeMs < head.MinValidTimeMs) return null;
        return there[next].MinTimeMs <= series.MinTimeMs ? null : "a chunk does not follow on those of the image";
    }
}

// Hot path: a start looks at every series of the image here.
using System.Globalization;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Reads a head image through and holds it against what else there is, before anything is made of it.
/// </summary>
/// <param name="head">The head, to be filled.</param>
/// <param name="chunks">
/// The chunks of the mapped files that the head is to have, by the number of their series, oldest first.
/// </param>
internal sealed class HeadImageCheck(Head head, IReadOnlyDictionary<ulong, List<MappedChunk>> chunks)
{
    private readonly List<int> _pairs = [];
    private readonly List<MappedChunk> _mapped = [];
    private int _pairCount;
    private int _seriesCount;

    /// <summary>The open chunks of native histograms, in the order of their series.</summary>
    public Queue<OpenHistogram> Histograms { get; } = new();

    /// <summary>Why the image cannot be used; null when it can.</summary>
    public string? FindProblem(HeadImage image)
    {
        if (image.MinValidTimeMs > head.MinValidTimeMs) return "a block is missing that was there";
        foreach (var (kind, index) in image.Sections)
        {
            var data = image.DataOf(index);
            var problem = kind switch
            {
                ImageSectionKind.Pairs => FindProblemOfPairs(data),
                ImageSectionKind.Series => FindProblemOfSeries(data),
                >= ImageSectionKind.Anchor and <= ImageSectionKind.End => null,
                _ => "a section is of an unknown kind",
            };
            if (problem is not null) return problem;
        }

        return _seriesCount == image.Series ? null : "some of the series are missing";
    }

    private string? FindProblemOfPairs(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadUvarintBytes(out var name) || !reader.TryReadUvarintBytes(out var value) ||
                name.Length > Labels.MaxPartSizeBytes || value.Length > Labels.MaxPartSizeBytes)
                return "a label pair makes no sense";
            _pairCount++;
        }

        return null;
    }

    private string? FindProblemOfSeries(ReadOnlySpan<byte> data)
    {
        var reader = new ImageSeriesReader(data);
        while (reader.MoveNext(_pairs, _mapped))
        {
            _seriesCount++;
            foreach (var pair in _pairs)
            {
                if (pair >= _pairCount) return "a series has a label pair that is not there";
            }

            var lastTimeMs = reader.Encoder.LastTimestampMs;
            if (reader.Open is ImageOpenChunk.Histograms or ImageOpenChunk.HistogramsWithPredictedEnd)
            {
                var hasPredictedEnd = reader.Open == ImageOpenChunk.HistogramsWithPredictedEnd;
                if (head.Appender.ResumeHistograms(reader.Encoding, reader.Chunk, hasPredictedEnd) is not { } open)
                    return "an open chunk of histograms cannot be read";
                Histograms.Enqueue(open);
                lastTimeMs = open.LastTimeMs;
            }

            if (FindProblemOfChunks(ref reader, lastTimeMs) is { } problem)
                return string.Create(CultureInfo.InvariantCulture, $"{problem} (series {reader.WalRef})");
        }

        return reader.IsMalformed ? "a series makes no sense" : null;
    }

    // The files must hold the series' chunks, those that the image names first, and then what became of the open one.
    private string? FindProblemOfChunks(ref ImageSeriesReader series, long lastTimeMs)
    {
        var there = chunks.GetValueOrDefault(series.WalRef);
        var next = 0;
        foreach (var chunk in _mapped)
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

// Hot path: every sample of overlapping blocks passes through here.
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Makes new chunks of the samples of old ones, cut and encoded as Prometheus does it when it compacts. For one
/// thread.
/// </summary>
internal sealed class ChunkRewriter
{
    private readonly ChunkRules _rules;
    private readonly ChunkBuilder _builder = new();
    private readonly ChunkMerge _merge = new();

    /// <summary>Writes what every Prometheus can read.</summary>
    public ChunkRewriter()
        : this(ChunkRules.Merged)
    {
    }

    /// <summary>Writes by rules.</summary>
    public ChunkRewriter(in ChunkRules rules) => _rules = rules;

    /// <summary>Samples written so far.</summary>
    public long SampleCount => _builder.SampleCount;

    /// <summary>Start timestamps that were known and have no place in what was written.</summary>
    public long DroppedStartTimestamps => _builder.DroppedStartTimestamps;

    /// <summary>Merges chunks of one series; of samples with equal timestamps one is kept.</summary>
    /// <param name="chunks">One or more, ascending by their first, then by their last timestamp.</param>
    /// <param name="output">Where to add the new chunks; their bytes are valid until <see cref="Release"/>.</param>
    /// <exception cref="StorageReadException">A chunk cannot be decoded.</exception>
    public void Merge(ReadOnlySpan<EncodedChunk> chunks, List<EncodedChunk> output)
    {
        _builder.Begin(_rules, output);
        _merge.Begin(chunks);
        while (_merge.TryReadRun(out var columns, out var start, out var end)) _builder.Append(columns, start, end);
        _builder.End();
    }

    /// <summary>The bytes of the chunks made so far are not used any more.</summary>
    public void Release() => _builder.Release();
}

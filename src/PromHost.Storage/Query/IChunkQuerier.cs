using PromHost.Model;

namespace PromHost.Storage;

/// <summary>A view of the storage that hands out encoded chunks, for remote read and block shipping.</summary>
public interface IChunkQuerier : IDisposable
{
    /// <summary>The chunks of the series that match all matchers, in the order of the series' labels.</summary>
    /// <param name="matchers">Conditions, all of which hold.</param>
    IEnumerable<(Labels Labels, EncodedChunk Chunk)> SelectChunks(IReadOnlyList<LabelMatcher> matchers);
}

using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Series with their encoded chunks in ascending order of the labels: what blocks are written from, whether the series
/// come from the head, from blocks that are merged, or from an import. One pass, one thread.
/// </summary>
internal abstract class ChunkSeriesSource : IDisposable
{
    /// <summary>
    /// All label names and values of the series (and the empty string when one of them is), ascending by their bytes,
    /// each once; may contain others too. May be read several times.
    /// </summary>
    public abstract IEnumerable<ReadOnlyMemory<byte>> Symbols { get; }

    /// <summary>Moves to the next series.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="chunks">
    /// Cleared, then filled with its chunks, at least one, ascending by <see cref="EncodedChunk.MinTimeMs"/>. Chunks
    /// overlap only where a source says so. Their bytes are valid until the next call.
    /// </param>
    /// <returns>False after the last series.</returns>
    /// <exception cref="StorageReadException">The stored data are damaged or unreadable.</exception>
    public abstract bool TryReadNext(out Labels labels, List<EncodedChunk> chunks);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the source holds.</summary>
    /// <param name="disposing">True from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}

using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// The open chunks of those series whose last sample is a native histogram, beside <see cref="SeriesState"/>, so that
/// series of floats do not pay for them. The committer adds and removes; any thread looks.
/// </summary>
internal sealed class OpenHistograms
{
    /// <summary>
    /// In place of the size of a block, <see cref="SeriesState.BufferOrder"/>: the buffer is one of these chunks.
    /// </summary>
    public const byte Order = 1;

    private const int PageBits = 8;

    private readonly PagedArray<OpenHistogram?> _chunks = new(PageBits);
    private readonly Stack<uint> _free = new();
    private uint _last;

    /// <summary>The number of open chunks. For the committer.</summary>
    public int Count => (int)_last - _free.Count;

    /// <summary>Adds a chunk and gives its handle, never 0.</summary>
    public uint Add(OpenHistogram chunk)
    {
        if (!_free.TryPop(out var handle)) handle = ++_last;
        _chunks.EnsureRoom((int)handle);
        Volatile.Write(ref _chunks[(int)handle], chunk);
        return handle;
    }

    /// <summary>The chunk of a handle, for the committer.</summary>
    public OpenHistogram Get(uint handle) => _chunks[(int)handle]!;

    /// <summary>Removes a chunk; readers that have it may go on reading.</summary>
    public void Remove(uint handle)
    {
        _chunks[(int)handle] = null;
        _free.Push(handle);
    }

    /// <summary>The chunk for a reader whose handle may be torn; null when there is none.</summary>
    public OpenHistogram? Peek(uint handle)
    {
        if (handle > int.MaxValue) return null;
        ref var chunk = ref _chunks.FindOrNull((int)handle);
        return Unsafe.IsNullRef(ref chunk) ? null : Volatile.Read(ref chunk);
    }
}

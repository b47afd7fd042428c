using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// The open chunks of those series whose last sample is a native histogram or is encoded as XOR2, beside <see
/// cref="SeriesState"/>, so that series of plain floats do not pay for them. The committer adds and removes; any thread
/// looks.
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
    private long _bucketCount;
    private int _histogramCount;

    /// <summary>The number of open chunks of histograms. Any thread's.</summary>
    public int HistogramCount => Volatile.Read(ref _histogramCount);

    /// <summary>The buckets of the last samples of all open chunks. Any thread's.</summary>
    public long BucketCount => Volatile.Read(ref _bucketCount);

    /// <summary>Adds a chunk and gives its handle, never 0.</summary>
    public uint Add(OpenHistogram chunk)
    {
        if (!_free.TryPop(out var handle)) handle = ++_last;
        _chunks.EnsureRoom((int)handle);
        Volatile.Write(ref _chunks[(int)handle], chunk);
        Count(chunk, 1);
        return handle;
    }

    /// <summary>The chunk of a handle, for the committer.</summary>
    public OpenHistogram Get(uint handle) => _chunks[(int)handle]!;

    /// <summary>Shows readers what a chunk has; within a change.</summary>
    public void Publish(OpenHistogram chunk)
    {
        Count(chunk, -1);
        chunk.Publish();
        Count(chunk, 1);
    }

    /// <summary>Removes a chunk; readers that have it may go on reading.</summary>
    public void Remove(uint handle)
    {
        Count(Get(handle), -1);
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

    private void Count(OpenHistogram chunk, int sign)
    {
        if (!chunk.HoldsHistograms) return;
        Volatile.Write(ref _bucketCount, _bucketCount + (sign * chunk.BucketCount));
        Volatile.Write(ref _histogramCount, _histogramCount + sign);
    }
}

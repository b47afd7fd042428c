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
    private long _bucketCount;

    /// <summary>The number of open chunks.</summary>
    public int Count => Math.Max(0, (int)Volatile.Read(ref _last) - _free.Count);

    /// <summary>The buckets of the last samples of all open chunks. Any thread's.</summary>
    public long BucketCount => Volatile.Read(ref _bucketCount);

    /// <summary>Adds a chunk and gives its handle, never 0.</summary>
    public uint Add(OpenHistogram chunk)
    {
        if (!_free.TryPop(out var handle)) handle = ++_last;
        _chunks.EnsureRoom((int)handle);
        Volatile.Write(ref _chunks[(int)handle], chunk);
        CountBuckets(chunk.BucketCount);
        return handle;
    }

    /// <summary>The chunk of a handle, for the committer.</summary>
    public OpenHistogram Get(uint handle) => _chunks[(int)handle]!;

    /// <summary>Shows readers what a chunk has; within a change.</summary>
    public void Publish(OpenHistogram chunk)
    {
        var before = chunk.BucketCount;
        chunk.Publish();
        CountBuckets(chunk.BucketCount - before);
    }

    /// <summary>Removes a chunk; readers that have it may go on reading.</summary>
    public void Remove(uint handle)
    {
        CountBuckets(-Get(handle).BucketCount);
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

    private void CountBuckets(int added) => Volatile.Write(ref _bucketCount, _bucketCount + added);
}

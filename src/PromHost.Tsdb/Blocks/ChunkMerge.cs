// Hot path: every sample of overlapping blocks passes through here.
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Merges the samples of overlapping chunks of one series, ascending, each timestamp once. A chunk is decoded when its
/// first sample is due, so only those that really overlap are in memory at a time. For one thread.
/// </summary>
/// <remarks>
/// Of samples with equal timestamps the one that Prometheus keeps when it compacts is kept: not that of the chunk
/// which the sample before came from, if there is a choice.
/// </remarks>
internal sealed class ChunkMerge
{
    private readonly Stack<ChunkCursor> _cursors = new();
    private readonly Stack<SampleColumns> _columns = new();

    // A binary heap: no cursor has a smaller timestamp than the one at half its place.
    private readonly List<ChunkCursor> _heap = [];
    private ChunkCursor? _current;
    private long _lastTimeMs;

    /// <summary>Begins with chunks, ascending by their first, then by their last timestamp.</summary>
    public void Begin(ReadOnlySpan<EncodedChunk> chunks)
    {
        Abandon();
        _lastTimeMs = long.MinValue;
        // Prometheus begins with the second chunk; the first one waits behind all others.
        for (var i = 1; i < chunks.Length; i++) Add(chunks[i]);
        if (chunks.Length > 0) Add(chunks[0]);
    }

    /// <summary>Reads the next samples, all from one chunk.</summary>
    /// <param name="columns">Where they are; valid until the next call.</param>
    /// <param name="start">The first one.</param>
    /// <param name="end">The one behind the last.</param>
    /// <returns>False when there are no more.</returns>
    /// <exception cref="StorageReadException">A chunk cannot be decoded.</exception>
    public bool TryReadRun(out SampleColumns columns, out int start, out int end)
    {
        while (TryPickChunk() is { } cursor)
        {
            if (cursor.TimeMs == _lastTimeMs)
            {
                cursor.Step(1);
                continue;
            }

            columns = cursor.Columns!;
            start = cursor.Index;
            end = RunEnd(columns.TimestampsMs, start, _heap.Count > 0 ? _heap[0].TimeMs : long.MaxValue);
            _lastTimeMs = columns.TimestampsMs[end - 1];
            cursor.Step(end - start);
            return true;
        }

        (columns, start, end) = (null!, 0, 0);
        return false;
    }

    private static int RunEnd(ReadOnlySpan<long> timestampsMs, int start, long limitMs)
    {
        var end = start + 1;
        while (end < timestampsMs.Length && timestampsMs[end] < limitMs) end++;
        return end;
    }

    // The chunk of the next sample, decoded. The current one goes on only while it is the oldest alone.
    private ChunkCursor? TryPickChunk()
    {
        if (_current is { } current)
        {
            if (current.IsAtEnd) Recycle(current);
            else if (current.TimeMs == _lastTimeMs) return Decoded(current);
            else if (_heap.Count == 0 || current.TimeMs < _heap[0].TimeMs) return Decoded(current);
            else Push(current);
        }

        _current = _heap.Count > 0 ? Pop() : null;
        return _current is null ? null : Decoded(_current);
    }

    private ChunkCursor Decoded(ChunkCursor cursor)
    {
        if (cursor.Columns is null) cursor.Decode(_columns.TryPop(out var columns) ? columns : new SampleColumns());
        return cursor;
    }

    private void Add(in EncodedChunk chunk)
    {
        if (!_cursors.TryPop(out var cursor)) cursor = new ChunkCursor();
        cursor.Begin(chunk);
        if (_current is null) _current = cursor;
        else Push(cursor);
    }

    private void Abandon()
    {
        if (_current is { } current) Recycle(current);
        _current = null;
        foreach (var cursor in _heap) Recycle(cursor);
        _heap.Clear();
    }

    private void Recycle(ChunkCursor cursor)
    {
        if (cursor.End() is { } columns) _columns.Push(columns);
        _cursors.Push(cursor);
    }

    private void Push(ChunkCursor cursor)
    {
        var place = _heap.Count;
        _heap.Add(cursor);
        while (place > 0)
        {
            var parent = (place - 1) / 2;
            if (cursor.TimeMs >= _heap[parent].TimeMs) break;
            _heap[place] = _heap[parent];
            place = parent;
        }

        _heap[place] = cursor;
    }

    private ChunkCursor Pop()
    {
        var top = _heap[0];
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (_heap.Count == 0) return top;
        var place = 0;
        while ((2 * place) + 1 < _heap.Count)
        {
            var child = (2 * place) + 1;
            if (child + 1 < _heap.Count && _heap[child + 1].TimeMs < _heap[child].TimeMs) child++;
            if (_heap[child].TimeMs >= last.TimeMs) break;
            _heap[place] = _heap[child];
            place = child;
        }

        _heap[place] = last;
        return top;
    }
}

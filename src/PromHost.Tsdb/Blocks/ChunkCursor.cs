// Hot path: every sample of overlapping blocks passes through here.
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>A place in a chunk, which is decoded when it is needed. For one thread.</summary>
internal sealed class ChunkCursor
{
    private EncodedChunk _chunk;
    private int _index;

    /// <summary>The samples; null before <see cref="Decode"/>.</summary>
    public SampleColumns? Columns { get; private set; }

    /// <summary>The sample that the cursor stands on.</summary>
    public int Index => _index;

    /// <summary>Its timestamp, <see cref="long.MaxValue"/> behind the last one.</summary>
    public long TimeMs { get; private set; }

    /// <summary>Does it stand behind the last sample?</summary>
    public bool IsAtEnd => Columns is { } columns && _index == columns.Count;

    /// <summary>Stands on the first sample of a chunk.</summary>
    public void Begin(in EncodedChunk chunk)
    {
        _chunk = chunk;
        _index = 0;
        TimeMs = chunk.MinTimeMs;
    }

    /// <summary>Gives the columns back.</summary>
    public SampleColumns? End()
    {
        var columns = Columns;
        Columns = null;
        _chunk = default;
        return columns;
    }

    /// <summary>Decodes the chunk into columns.</summary>
    /// <exception cref="StorageReadException">It is damaged, or has other times than its index says.</exception>
    public void Decode(SampleColumns columns)
    {
        columns.Clear();
        var isValid = ChunkColumns.TryAppend(
            _chunk.Encoding, _chunk.Data.Span, long.MinValue, long.MaxValue, columns) && columns.Count > 0;
        var times = columns.TimestampsMs;
        // The order of the merge rests on what the index says of the chunk.
        isValid = isValid && times[0] == _chunk.MinTimeMs && times[^1] == _chunk.MaxTimeMs && IsAscending(times);
        if (!isValid)
        {
            throw new StorageReadException(
                $"the chunk from {_chunk.MinTimeMs} to {_chunk.MaxTimeMs} of encoding {_chunk.Encoding} is damaged");
        }

        Columns = columns;
    }

    /// <summary>Moves on by samples.</summary>
    public void Step(int count)
    {
        _index += count;
        TimeMs = _index < Columns!.Count ? Columns.TimestampsMs[_index] : long.MaxValue;
    }

    private static bool IsAscending(ReadOnlySpan<long> times)
    {
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] <= times[i - 1]) return false;
        }

        return true;
    }
}

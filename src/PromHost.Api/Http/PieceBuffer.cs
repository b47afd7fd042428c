// Hot path: answers are written here.
using System.Buffers;

namespace PromHost.Api;

/// <summary>A part of an answer in rented memory that grows.</summary>
internal sealed class PieceBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 << 10);

    /// <summary>Bytes written.</summary>
    public int Count { get; private set; }

    /// <summary>What was written; valid until more is.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Count);

    /// <summary>Forgets what was written.</summary>
    public void Clear() => Count = 0;

    /// <inheritdoc/>
    public void Advance(int count) => Count += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(Count);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(Count);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_buffer.Length == 0) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Count = 0;
    }

    private void Reserve(int sizeHint)
    {
        if (_buffer.Length - Count >= Math.Max(sizeHint, 1)) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, Count + sizeHint));
        _buffer.AsSpan(0, Count).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

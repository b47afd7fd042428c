using System.Collections.Concurrent;
using PromHost.Chunks;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Where full chunks are kept: in the head's chunk files, or in memory when these do not take them (the WAL has their
/// samples). The committer adds; any thread reads.
/// </summary>
internal sealed class FullChunks
{
    private const ulong InMemory = 1UL << 63;

    private readonly ConcurrentDictionary<ulong, byte[]> _memory = new();
    private ulong _lastInMemory;

    /// <summary>The files; null before they are opened.</summary>
    public HeadChunkFiles? Files { get; set; }

    /// <summary>Chunks that the files did not take.</summary>
    public long WriteFailures => (long)Volatile.Read(ref _lastInMemory);

    /// <summary>Chunks written to the files.</summary>
    public long Written { get; private set; }

    /// <summary>Keeps a chunk of float samples.</summary>
    /// <param name="walRef">The number of its series in the WAL.</param>
    /// <param name="minTimeMs">Timestamp of its first sample.</param>
    /// <param name="maxTimeMs">Timestamp of its last sample.</param>
    /// <param name="data">The encoded samples; copied.</param>
    /// <returns>The reference to read it with.</returns>
    public ulong Add(ulong walRef, long minTimeMs, long maxTimeMs, ReadOnlySpan<byte> data)
    {
        try
        {
            if (Files is not null)
            {
                var reference = Files.Write(walRef, minTimeMs, maxTimeMs, ChunkEncoding.Xor, data).Value;
                Written++;
                return reference;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The sample that filled the chunk is logged already and must be applied: the chunk stays in memory.
        }

        var inMemory = InMemory | (_lastInMemory + 1);
        _memory[inMemory] = data.ToArray();
        Volatile.Write(ref _lastInMemory, _lastInMemory + 1);
        return inMemory;
    }

    /// <summary>The bytes of a chunk; valid while a view is open.</summary>
    /// <exception cref="CorruptDataException">It cannot be read.</exception>
    public ReadOnlySpan<byte> Read(ulong reference) =>
        (reference & InMemory) != 0 ? _memory[reference] : Files!.Read(new ChunkDiskRef(reference));

    /// <summary>The bytes of a chunk and how they are encoded; else as <see cref="Read(ulong)"/>.</summary>
    public ReadOnlySpan<byte> Read(ulong reference, out byte encoding)
    {
        encoding = ChunkEncoding.Xor;
        if ((reference & InMemory) != 0) return _memory[reference];
        var data = Files!.Read(new ChunkDiskRef(reference), out var header);
        encoding = header.Encoding;
        return data;
    }

    /// <summary>The bytes of a chunk, or false when it cannot be read.</summary>
    public bool TryRead(ulong reference, out ReadOnlySpan<byte> data)
    {
        try
        {
            data = Read(reference);
            return true;
        }
        catch (CorruptDataException)
        {
            data = default;
            return false;
        }
    }
}

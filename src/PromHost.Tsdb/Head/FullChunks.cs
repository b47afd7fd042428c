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
    private const ulong InLateFile = 1UL << 62;

    private readonly ConcurrentDictionary<ulong, byte[]> _memory = new();
    private readonly ConcurrentQueue<RetiredChunkFiles> _retired = new();
    private ulong _lastInMemory;
    private long _memoryBytes;

    /// <summary>The files; null before they are opened.</summary>
    public HeadChunkFiles? Files { get; set; }

    /// <summary>The files of chunks of samples that came out of order; null before they are made.</summary>
    public HeadChunkFiles? LateFiles { get; set; }

    /// <summary>Chunks that the files did not take.</summary>
    public long WriteFailures => (long)Volatile.Read(ref _lastInMemory);

    /// <summary>Bytes of the chunks that are in memory.</summary>
    public long MemoryBytes => Volatile.Read(ref _memoryBytes);

    /// <summary>Chunks written to the files.</summary>
    public long Written { get; private set; }

    /// <summary>Lies a chunk in memory, and not in a file?</summary>
    public static bool IsInMemory(ulong reference) => (reference & InMemory) != 0;

    /// <summary>Lies a chunk in one of <see cref="Files"/>, so that it is found at the next start?</summary>
    public static bool IsInFile(ulong reference) => (reference & (InMemory | InLateFile)) == 0;

    /// <summary>Keeps a chunk.</summary>
    /// <param name="walRef">The number of its series in the WAL.</param>
    /// <param name="minTimeMs">Timestamp of its first sample.</param>
    /// <param name="maxTimeMs">Timestamp of its last sample.</param>
    /// <param name="encoding">Encoding byte, with the out-of-order mask where it applies.</param>
    /// <param name="data">The encoded samples; copied.</param>
    /// <returns>The reference to read it with.</returns>
    public ulong Add(ulong walRef, long minTimeMs, long maxTimeMs, byte encoding, ReadOnlySpan<byte> data)
    {
        try
        {
            var isLate = (encoding & ChunkEncoding.OutOfOrderMask) != 0;
            if ((isLate ? LateFiles : Files) is { } files)
            {
                var reference = files.Write(walRef, minTimeMs, maxTimeMs, encoding, data).Value;
                Written++;
                return isLate ? reference | InLateFile : reference;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The sample that filled the chunk is logged already and must be applied: the chunk stays in memory.
        }

        var inMemory = InMemory | (_lastInMemory + 1);
        _memory[inMemory] = [(byte)(encoding & ~ChunkEncoding.OutOfOrderMask), .. data];
        Interlocked.Add(ref _memoryBytes, data.Length + 1);
        Volatile.Write(ref _lastInMemory, _lastInMemory + 1);
        return inMemory;
    }

    /// <summary>Gives back the memory of mapped files, as <see cref="HeadChunkFiles.ForgetMemory"/>.</summary>
    public void ForgetMemory()
    {
        Files?.ForgetMemory();
        LateFiles?.ForgetMemory();
    }

    /// <summary>Writes what the files of chunks in order still buffer, so that a killed process leaves it.</summary>
    /// <returns>False when that failed.</returns>
    public bool TryFlush()
    {
        try
        {
            Files?.Flush();
            return Files is not null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Lets go of chunks that are in memory; nobody reads them any more.</summary>
    public void Forget(IReadOnlyList<ulong> references)
    {
        foreach (var reference in references)
        {
            if (_memory.TryRemove(reference, out var chunk)) Interlocked.Add(ref _memoryBytes, -chunk.Length);
        }
    }

    /// <summary>
    /// Takes out of sight the files before one; nobody reads what is in them any more. For the committer.
    /// </summary>
    public void RetireBefore(int firstFile)
    {
        if (Files?.RetireBefore(firstFile) is { } retired) _retired.Enqueue(retired);
    }

    /// <summary>The same for the files of chunks of samples that came out of order.</summary>
    public void RetireLateBefore(int firstFile)
    {
        if (LateFiles?.RetireBefore(firstFile) is { } retired) _retired.Enqueue(retired);
    }

    /// <summary>
    /// Deletes what was taken out of sight, also what could not be deleted before. Waits for the disk.
    /// </summary>
    /// <exception cref="IOException">That failed for one of the files.</exception>
    public void DeleteRetired()
    {
        while (_retired.TryPeek(out var oldest))
        {
            oldest.Delete();
            _retired.TryDequeue(out _);
        }
    }

    /// <summary>The bytes of a chunk; valid while a view is open.</summary>
    /// <exception cref="CorruptDataException">It cannot be read.</exception>
    public ReadOnlySpan<byte> Read(ulong reference) => Read(reference, out _);

    /// <summary>The bytes of a chunk and its encoding, without the out-of-order mask.</summary>
    /// <exception cref="CorruptDataException">It cannot be read.</exception>
    public ReadOnlySpan<byte> Read(ulong reference, out byte encoding)
    {
        if (IsInMemory(reference))
        {
            var kept = _memory[reference];
            encoding = kept[0];
            return kept.AsSpan(1);
        }

        var files = IsInFile(reference) ? Files : LateFiles;
        var data = files!.Read(new ChunkDiskRef(reference & ~InLateFile), out var header);
        encoding = header.Encoding;
        return data;
    }

    /// <summary>Says that a chunk is about to be read: <see cref="HeadChunkFiles.Expect"/>.</summary>
    public void Expect(ulong reference)
    {
        if (IsInFile(reference)) Files?.Expect(new ChunkDiskRef(reference));
    }

    /// <summary>The bytes of a chunk, or false when it cannot be read.</summary>
    public bool TryRead(ulong reference, out ReadOnlySpan<byte> data) => TryRead(reference, out _, out data);

    /// <summary>The bytes of a chunk and its encoding, or false when it cannot be read.</summary>
    public bool TryRead(ulong reference, out byte encoding, out ReadOnlySpan<byte> data)
    {
        try
        {
            data = Read(reference, out encoding);
            return true;
        }
        catch (CorruptDataException)
        {
            data = default;
            encoding = ChunkEncoding.None;
            return false;
        }
    }
}

using System.Globalization;
using PromHost.Chunks;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Checks the mapped chunks of the head: every checksum, every sample. Changes nothing.</summary>
internal sealed class HeadChunksVerify
{
    private readonly IDataDirectory _directory;
    private readonly ProblemList _problems;
    private readonly SampleColumns _columns = new();

    public HeadChunksVerify(IDataDirectory directory, ProblemList problems)
    {
        _directory = directory;
        _problems = problems;
    }

    /// <summary>Checks all files.</summary>
    /// <param name="read">Told the bytes of each file that was read.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public void Run(Action<long> read, CancellationToken cancellationToken)
    {
        var numbers = new List<int>();
        foreach (var name in _directory.List(HeadChunkFormat.DirectoryName))
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                numbers.Add(number);
        }

        numbers.Sort();
        for (var i = 0; i < numbers.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = HeadChunkFormat.PathOf(numbers[i]);
            if (i > 0 && numbers[i] != numbers[i - 1] + 1)
                _problems.Add(path, -1, "the file before this one is missing");
            // A crash right after its creation leaves the last file empty; a start removes it.
            var mayBeEmpty = i == numbers.Count - 1;
            _problems.Try(path, () => read(CheckFile(path, mayBeEmpty)));
        }
    }

    private long CheckFile(string path, bool mayBeEmpty)
    {
        long length;
        using (var file = _directory.OpenRead(path)) length = file.Length;
        if (length == 0)
        {
            if (!mayBeEmpty) _problems.Add(path, 0, "the file is empty");
            return 0;
        }

        if (length > int.MaxValue)
        {
            _problems.Add(path, 0, "the file is over 2 GiB");
            return length;
        }

        using var map = _directory.Map(path, length);
        var bytes = map.Bytes;
        if (mayBeEmpty && HeadChunkFormat.IsEnd(bytes)) return length;
        if (HeadChunkFormat.CheckFileHeader(bytes) is { } headerProblem)
        {
            _problems.Add(path, 0, headerProblem);
            return length;
        }

        var offset = HeadChunkFormat.FileHeaderBytes;
        while (offset < bytes.Length && !HeadChunkFormat.IsEnd(bytes[offset..]))
        {
            if (HeadChunkFormat.ReadChunk(bytes[offset..], out var header, out var data) is { } problem)
            {
                // Where the next chunk begins cannot be known.
                _problems.Add(path, offset, problem);
                return length;
            }

            CheckSamples(path, offset, header, data);
            offset += HeadChunkFormat.SizeOf(data.Length);
        }

        return length;
    }

    private void CheckSamples(string path, long offset, in HeadChunkHeader header, ReadOnlySpan<byte> data)
    {
        _columns.Clear();
        if (!ChunkEncodings.TryReadCount(header.Encoding, data, out var count) ||
            !ChunkColumns.TryAppend(header.Encoding, data, long.MinValue, long.MaxValue, _columns) ||
            _columns.Count != count)
        {
            _problems.Add(path, offset, $"a chunk of encoding {header.Encoding} cannot be decoded");
            return;
        }

        var times = _columns.TimestampsMs;
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] > times[i - 1]) continue;
            _problems.Add(path, offset, $"the timestamps of a chunk do not ascend at {times[i]}");
            return;
        }

        if (times[0] != header.MinTimestampMs || times[^1] != header.MaxTimestampMs)
        {
            _problems.Add(
                path, offset,
                $"a chunk holds samples from {times[0]} to {times[^1]}, its header says {header.MinTimestampMs} to " +
                $"{header.MaxTimestampMs}");
        }
    }
}

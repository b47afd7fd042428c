using System.Buffers.Binary;
using System.Globalization;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Checks the chunk files of a block from end to end, and reads single chunks for the check of the index.
/// </summary>
internal sealed class ChunkFilesVerify : IDisposable
{
    private const int EncodingBytes = 1;
    private const int ChecksumBytes = 4;

    private readonly IDataDirectory _directory;
    private readonly string _path;
    private readonly ProblemList _problems;
    private readonly List<(string Path, MappedFile? Map)> _files = [];

    // Chunks that the walk found damaged, by reference.
    private readonly HashSet<ulong> _damaged = [];

    public ChunkFilesVerify(IDataDirectory directory, string path, ProblemList problems)
    {
        _directory = directory;
        _path = path;
        _problems = problems;
    }

    /// <summary>Maps all files and walks them.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        var numbers = new List<ulong>();
        foreach (var name in _directory.List(_path))
        {
            if (ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                numbers.Add(number);
            else
                _problems.Add($"{_path}/{name}", -1, "the name is no number of a chunk file");
        }

        numbers.Sort();
        for (var i = 0; i < numbers.Count; i++)
        {
            // The order counts, not the number; still nobody leaves holes.
            if (numbers[i] != (ulong)i + 1)
                _problems.Add(_path, -1, $"the chunk file {i + 1} is missing, the next one is {numbers[i]}");
            _files.Add(($"{_path}/{numbers[i]:D6}", null));
            Walk(i, cancellationToken);
        }
    }

    /// <summary>Reads a chunk that the index refers to.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="encoding">Its encoding.</param>
    /// <param name="data">Its data.</param>
    /// <returns>False when there is no sound chunk; that is reported.</returns>
    public bool TryRead(ulong reference, out byte encoding, out ReadOnlySpan<byte> data)
    {
        encoding = 0;
        data = default;
        var number = reference >> 32;
        var offset = (long)(uint)reference;
        if (number >= (ulong)_files.Count)
        {
            _problems.Add(_path, -1, $"the index refers to the chunk file {number + 1}, which is not there");
            return false;
        }

        // Reported before.
        var (path, map) = _files[(int)number];
        if (map is null || _damaged.Contains(reference)) return false;
        var problem = offset < BlockFormat.ChunksHeaderBytes || offset >= map.LengthBytes
            ? "the index refers to a place outside of the file"
            : Read(map, offset, out encoding, out data, out _);
        if (problem is null) return true;
        _problems.Add(path, offset, problem);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, map) in _files) map?.Dispose();
    }

    private void Walk(int index, CancellationToken cancellationToken)
    {
        var path = _files[index].Path;
        MappedFile? map = null;
        if (!_problems.Try(path, () => map = Open(path)) || map is null) return;
        _files[index] = (path, map);
        for (long offset = BlockFormat.ChunksHeaderBytes; offset < map.LengthBytes;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var problem = Read(map, offset, out _, out _, out var length);
            if (problem is not null)
            {
                _problems.Add(path, offset, problem);
                _damaged.Add(((ulong)index << 32) | (ulong)offset);
            }

            // The end of a chunk that is cut short or has no length is not known.
            if (length == 0) return;
            offset += length;
        }
    }

    private MappedFile Open(string path)
    {
        long length;
        using (var file = _directory.OpenRead(path)) length = file.Length;
        if (length < BlockFormat.ChunksHeaderBytes)
            throw new CorruptDataException("the file is shorter than its header", path, 0);
        var map = _directory.Map(path, length);
        var header = map.Slice(0, BlockFormat.ChunksHeaderBytes);
        if (BinaryPrimitives.ReadUInt32BigEndian(header) == BlockFormat.ChunksMagic &&
            header[sizeof(uint)] == BlockFormat.ChunksVersion)
        {
            if (header[(sizeof(uint) + 1)..].ContainsAnyExcept((byte)0))
                _problems.Add(path, sizeof(uint) + 1, "the unused bytes of the header are not zero");
            return map;
        }

        map.Dispose();
        throw new CorruptDataException("the file does not begin with magic number and version", path, 0);
    }

    // What is wrong with the chunk at a place, or null. The length is 0 where it cannot be known.
    private static string? Read(
        MappedFile map, long offset, out byte encoding, out ReadOnlySpan<byte> data, out long length)
    {
        encoding = 0;
        data = default;
        length = 0;
        var rest = map.Slice(offset, (int)Math.Min(map.LengthBytes - offset, int.MaxValue));
        if (!Varint.TryReadUnsigned(rest, out var dataLength, out var lengthBytes))
            return "a chunk's length is no number";
        if (dataLength > (ulong)Math.Max(0, rest.Length - lengthBytes - EncodingBytes - ChecksumBytes))
            return "a chunk is longer than its file";
        var content = rest.Slice(lengthBytes, EncodingBytes + (int)dataLength);
        length = lengthBytes + content.Length + ChecksumBytes;
        if (BinaryPrimitives.ReadUInt32BigEndian(rest[(lengthBytes + content.Length)..]) != Crc32C.Compute(content))
            return "a chunk's checksum does not match";
        encoding = content[0];
        data = content[EncodingBytes..];
        return null;
    }
}

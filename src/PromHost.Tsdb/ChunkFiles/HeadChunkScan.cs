using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>
/// Walks the <c>chunks_head</c> files at a start, before anybody reads them, and leaves them in order: each file ends
/// with its last sound chunk, no number is missing.
/// </summary>
/// <remarks>
/// What follows the first damage is given up, whole files too. Replay takes from the log only samples that are newer
/// than a series' mapped chunks, here and in Prometheus; a chunk kept behind a lost one would hide the lost one's
/// samples, which the log still has. What the log has not is found in the files put aside: <see
/// cref="ChunksToRestore"/>.
/// </remarks>
internal sealed class HeadChunkScan
{
    // A file that was not closed ends in a hole of any length; damage is rather pages long.
    private const int PieceBytes = 1024 * 1024;
    private const int PageBytes = 4096;

    private readonly IDataDirectory _directory;
    private readonly List<Damage> _damages = [];

    private HeadChunkScan(IDataDirectory directory) => _directory = directory;

    /// <summary>Number of the first file; 1 without files.</summary>
    public int FirstNumber { get; private set; } = 1;

    /// <summary>What was cut off.</summary>
    public IReadOnlyList<Damage> Damages => _damages;

    /// <summary>Runs the scan; mappings of the files are added to <paramref name="maps"/> in order.</summary>
    public static HeadChunkScan Run(IDataDirectory directory, List<MappedFile> maps, HeadChunkVisitor visit)
    {
        var scan = new HeadChunkScan(directory);
        var numbers = scan.RemoveUnusable(ListNumbers(directory));
        if (numbers.Count > 0)
            scan.FirstNumber = numbers[0];
        for (var i = 0; i < numbers.Count; i++)
        {
            maps.Add(scan.ScanFile(numbers[i], visit, numbers.Skip(i + 1), out var isDamaged));
            if (isDamaged)
                break;
        }

        if (scan._damages.Count > 0)
            directory.SyncDirectory(Quarantine.Path);
        return scan;
    }

    private static List<int> ListNumbers(IDataDirectory directory)
    {
        var numbers = new List<int>();
        foreach (var name in directory.List(HeadChunkFormat.DirectoryName))
        {
            // Only names as they are written here and by Prometheus: a copy "1" beside "000001" is not ours.
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && HeadChunkFormat.PathOf(number).EndsWith($"/{name}", StringComparison.Ordinal))
                numbers.Add(number);
        }

        numbers.Sort();
        return numbers;
    }

    // A crash right after the creation of the last file leaves it empty; files behind a hole are no use to Prometheus.
    private List<int> RemoveUnusable(List<int> numbers)
    {
        if (numbers.Count > 0 && IsBlank(numbers[^1]))
        {
            _directory.Delete(HeadChunkFormat.PathOf(numbers[^1]));
            numbers.RemoveAt(numbers.Count - 1);
        }

        var hole = 1;
        while (hole < numbers.Count && numbers[hole] == numbers[hole - 1] + 1)
            hole++;
        SetAside(numbers.Skip(hole), "a file before this one is missing");
        return [.. numbers.Take(hole)];
    }

    private void SetAside(IEnumerable<int> numbers, string reason)
    {
        foreach (var number in numbers)
        {
            var path = HeadChunkFormat.PathOf(number);
            var target = Quarantine.NameFor(_directory, path);
            ChunksToRestore.Note(_directory, path, target, startBytes: 0);
            _directory.Rename(path, target);
            _damages.Add(new Damage(path, 0, reason, target));
        }
    }

    private bool IsBlank(int number)
    {
        using var file = _directory.OpenRead(HeadChunkFormat.PathOf(number));
        Span<byte> header = stackalloc byte[HeadChunkFormat.FileHeaderBytes];
        var count = file.ReadFully(header, 0);
        return !header[..count].ContainsAnyExcept((byte)0);
    }

    private MappedFile ScanFile(int number, HeadChunkVisitor visit, IEnumerable<int> later, out bool isDamaged)
    {
        isDamaged = false;
        var path = HeadChunkFormat.PathOf(number);
        long length;
        var contentEnd = 0;
        using (var file = _directory.OpenRead(path))
        {
            length = file.Length;
            if (length <= int.MaxValue)
                contentEnd = FindContentEnd(file);
        }

        var end = 0;
        string? problem = "the file is empty or over 2 GiB";
        if (length is > 0 and <= int.MaxValue)
        {
            var map = _directory.Map(path, length);
            try
            {
                problem = Walk(map.Bytes, contentEnd, (number, visit), out end);
                if (problem is null && end == length)
                {
                    // All of it was read, and little of it will be asked for.
                    map.Forget(0, length);
                    return map;
                }
            }
            catch
            {
                map.Dispose();
                throw;
            }

            map.Dispose();
        }

        // Nothing is mapped now, so that the file may become shorter.
        if (problem is null)
        {
            Shorten(path, end);
        }
        else
        {
            // In this order, newest first: a crash in between leaves the damage in place, to be found again.
            isDamaged = true;
            SetAside(later.Reverse(), "a file before this one is damaged");
            _directory.SyncDirectory(HeadChunkFormat.DirectoryName);
            Cut(path, end, length, problem);
        }

        return _directory.Map(path, Math.Max(end, HeadChunkFormat.FileHeaderBytes));
    }

    // Where only zeros follow, for a while. Not by way of the mapping: on a file system in memory that is full, reading
    // a hole through a mapping ends the process.
    private static int FindContentEnd(IDataFile file)
    {
        var buffer = new byte[PieceBytes];
        var end = 0;
        for (var offset = 0L; ; offset += buffer.Length)
        {
            var count = file.ReadFully(buffer, offset);
            var last = buffer.AsSpan(0, count).LastIndexOfAnyExcept((byte)0);
            if (last >= 0)
                end = (int)offset + last + 1;
            if (last < 0 || count < buffer.Length)
                return end;
        }
    }

    private static string? Walk(
        ReadOnlySpan<byte> file, int contentEnd, (int Number, HeadChunkVisitor Visit) chunks, out int end)
    {
        end = 0;
        // The pages behind may be a hole. A checksum may end in zeros.
        var page = (int)Math.Min(file.Length, ((contentEnd + sizeof(uint) - 2L) | (PageBytes - 1)) + 1);
        file = contentEnd == 0 ? default : file[..page];
        if (HeadChunkFormat.CheckFileHeader(file) is { } headerProblem)
            return headerProblem;
        end = HeadChunkFormat.FileHeaderBytes;
        while (end < contentEnd)
        {
            if (HeadChunkFormat.IsEnd(file[end..]))
                return "zeros where a chunk should be";
            if (HeadChunkFormat.ReadChunk(file[end..], out var header, out var data) is { } problem)
                return problem;
            chunks.Visit(new ChunkDiskRef(chunks.Number, end), header, data);
            end += HeadChunkFormat.SizeOf(data.Length);
        }

        return null;
    }

    private void Shorten(string path, int end)
    {
        using var file = _directory.OpenWrite(path);
        file.SetLength(end);
    }

    // The original gets a second name in quarantine, the sound beginning goes to a new file under the old name: also
    // the offsets of sound chunks stay what they were.
    private void Cut(string path, int end, long length, string problem)
    {
        var target = Quarantine.NameFor(_directory, path);
        var rewritten = $"promhost/{WalRepair.RewritePrefix}{path.Replace('/', '-')}";
        _directory.Delete(rewritten);
        using (var original = _directory.OpenRead(path))
        using (var copy = _directory.Create(rewritten))
        {
            Span<byte> header = stackalloc byte[HeadChunkFormat.FileHeaderBytes];
            HeadChunkFormat.WriteFileHeader(header);
            copy.Write(header, 0);
            var buffer = new byte[64 * 1024];
            for (long offset = HeadChunkFormat.FileHeaderBytes; offset < Math.Min(end, length);)
            {
                var count = original.ReadFully(buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset)), offset);
                if (count == 0)
                    break;
                copy.Write(buffer.AsSpan(0, count), offset);
                offset += count;
            }

            copy.Sync();
        }

        ChunksToRestore.Note(_directory, path, target, end);
        _directory.Link(path, target);
        _directory.SyncDirectory(Quarantine.Path);
        _directory.Rename(rewritten, path);
        _directory.SyncDirectory(HeadChunkFormat.DirectoryName);
        _damages.Add(new Damage(path, end, problem, target));
    }
}

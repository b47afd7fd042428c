using System.Runtime.InteropServices;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// The content of a file of a <see cref="SimulatedDataDirectory"/>: as a running process sees it, as it was synced,
/// and the changes in between. Used under the directory's lock.
/// </summary>
internal sealed class SimulatedFile
{
    public const int PageBytes = 4096;
    private const int SectorBytes = 512;

    private readonly Dictionary<long, byte[]> _pages = [];
    private readonly Dictionary<long, byte[]> _durablePages = [];
    private readonly List<Change> _unsynced = [];
    private readonly List<View> _views = [];
    private long _durableLength;
    private long _reservedBytes;

    public long Length { get; private set; }

    /// <summary>What it takes of the disk; holes take nothing.</summary>
    public long AllocatedBytes => Math.Max(_reservedBytes, _pages.Count * (long)PageBytes);

    /// <summary>The pages that a write would need in addition.</summary>
    public long MissingBytes(long offset, int count)
    {
        var missing = 0L;
        for (var page = offset / PageBytes; page * PageBytes < offset + count; page++)
        {
            if (!_pages.ContainsKey(page)) missing += PageBytes;
        }

        return missing;
    }

    public int Read(Span<byte> destination, long offset)
    {
        var count = (int)Math.Clamp(Length - offset, 0, destination.Length);
        for (var done = 0; done < count;)
        {
            var at = (int)((offset + done) % PageBytes);
            var part = destination.Slice(done, Math.Min(count - done, PageBytes - at));
            var page = _pages.GetValueOrDefault((offset + done) / PageBytes);
            if (page is null) part.Clear();
            else page.AsSpan(at, part.Length).CopyTo(part);
            done += part.Length;
        }

        return count;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        _unsynced.Add(new Change(offset, bytes.ToArray()));
        Length = Apply(_pages, Length, _unsynced[^1]);
        foreach (var view in _views) view.Update(bytes, offset);
    }

    public void SetLength(long length)
    {
        if (length < Length && _views.Exists(view => view.LengthBytes > length))
            throw new InvalidOperationException("a mapped file is made shorter: reading it would end the process");
        _unsynced.Add(new Change(length, null));
        Length = Apply(_pages, Length, _unsynced[^1]);
    }

    /// <summary>Makes an empty file longer, of space that is taken at once; nothing is written to it.</summary>
    public void Reserve(long length)
    {
        _reservedBytes = length;
        SetLength(length);
    }

    public void Sync()
    {
        foreach (var change in _unsynced) _durableLength = Apply(_durablePages, _durableLength, change);
        _unsynced.Clear();
    }

    public MappedFile Map(long lengthBytes)
    {
        if (lengthBytes > Length) throw new IOException("a mapping is longer than its file");
        var view = new View(lengthBytes, _views);
        foreach (var (page, bytes) in _pages) view.Update(bytes, page * PageBytes);
        _views.Add(view);
        return new MappedFile(view.Start, lengthBytes, view);
    }

    /// <summary>The process ends, and its mappings with it; their memory stays until the directory goes.</summary>
    public void EndProcess(List<IDisposable> orphans)
    {
        orphans.AddRange(_views);
        _views.Clear();
    }

    /// <summary>
    /// What a power cut leaves: all that was synced; of the rest nothing, everything, the beginning, or any sectors.
    /// </summary>
    public void CutPower(Random random)
    {
        var mode = random.Next(4);
        var kept = mode switch
        {
            0 => 0,
            2 => random.Next(_unsynced.Count + 1),
            _ => _unsynced.Count,
        };
        var lengths = new List<long> { _durableLength };
        for (var i = 0; i < kept; i++)
        {
            var change = _unsynced[i];
            if (mode == 3) change = change.WithSomeSectors(random);
            else if (mode == 2 && i == kept - 1) change = change.Torn(random);
            _durableLength = Apply(_durablePages, _durableLength, change);
            lengths.Add(_durableLength);
        }

        if (mode == 3)
        {
            var length = lengths[random.Next(lengths.Count)];
            _durableLength = Apply(_durablePages, _durableLength, new Change(length, null));
        }

        _unsynced.Clear();
        _pages.Clear();
        foreach (var (page, bytes) in _durablePages) _pages[page] = (byte[])bytes.Clone();
        Length = _durableLength;
    }

    private static long Apply(Dictionary<long, byte[]> pages, long length, in Change change)
    {
        if (change.Data is not { } data)
        {
            if (change.Offset < length) Shorten(pages, change.Offset);
            return change.Offset;
        }

        if (change.Sectors is { } sectors)
        {
            for (var i = 0; i < sectors.Length; i++)
            {
                var (start, end) = change.Sector(i);
                if (sectors[i]) Put(pages, data.AsSpan(start, end - start), change.Offset + start);
            }
        }
        else
        {
            Put(pages, data, change.Offset);
        }

        return Math.Max(length, change.Offset + data.Length);
    }

    private static void Put(Dictionary<long, byte[]> pages, ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            var at = (int)(offset % PageBytes);
            var count = Math.Min(bytes.Length, PageBytes - at);
            ref var page = ref CollectionsMarshal.GetValueRefOrAddDefault(pages, offset / PageBytes, out _);
            page ??= new byte[PageBytes];
            bytes[..count].CopyTo(page.AsSpan(at));
            bytes = bytes[count..];
            offset += count;
        }
    }

    private static void Shorten(Dictionary<long, byte[]> pages, long length)
    {
        foreach (var page in pages.Keys.Where(page => page * PageBytes >= length).ToList()) pages.Remove(page);
        if (pages.TryGetValue(length / PageBytes, out var last)) last.AsSpan((int)(length % PageBytes)).Clear();
    }

    // A write, or a new length where there is no data.
    private readonly record struct Change(long Offset, byte[]? Data, bool[]? Sectors = null)
    {
        public Change WithSomeSectors(Random random)
        {
            if (Data is null) return this;
            var last = (Offset + Data.Length + SectorBytes - 1) / SectorBytes;
            var sectors = new bool[last - (Offset / SectorBytes)];
            for (var i = 0; i < sectors.Length; i++) sectors[i] = random.Next(2) == 0;
            return this with { Sectors = sectors };
        }

        public Change Torn(Random random)
        {
            if (Data is null) return this;
            var sector = random.Next((Data.Length / SectorBytes) + 2);
            return this with { Data = Data[..Math.Min(Data.Length, Sector(sector).Start)] };
        }

        // Sectors lie at multiples of their size in the file.
        public (int Start, int End) Sector(int index)
        {
            var first = Offset / SectorBytes;
            var start = Math.Max(0, ((first + index) * SectorBytes) - Offset);
            return ((int)start, (int)Math.Min(Data!.Length, ((first + index + 1) * SectorBytes) - Offset));
        }
    }

    // Memory that shows the file from its start on, also what is written later.
    private sealed unsafe class View : IDisposable
    {
        private readonly List<View> _all;
        private readonly byte* _start;
        private int _isFreed;

        public View(long lengthBytes, List<View> all)
        {
            LengthBytes = lengthBytes;
            _all = all;
            _start = (byte*)NativeMemory.AllocZeroed((nuint)lengthBytes);
        }

        public long LengthBytes { get; }

        public nint Start => (nint)_start;

        public void Update(ReadOnlySpan<byte> bytes, long offset)
        {
            var count = (int)Math.Clamp(LengthBytes - offset, 0, bytes.Length);
            bytes[..count].CopyTo(new Span<byte>(_start + offset, count));
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isFreed, 1) != 0) return;
            _all.Remove(this);
            NativeMemory.Free(_start);
        }
    }
}

using System.Text;

namespace PromHost.Tsdb.Tests;

public class SenderEncodingsTests
{
    private readonly SenderEncodings _encodings = new(new SeededHash());

    [Fact]
    public void TryGet_FindsEncodingsOfEveryLength_AndNoOthers()
    {
        ulong cursor = 0;
        int[] lengths = [.. Enumerable.Range(1, 200), .. Enumerable.Range(UniversalHash.MaxShortBytes - 5, 10), 70_000];
        foreach (var length in lengths)
            _encodings.TryAdd(RawOf(length), length, 0, ref cursor, out _).Should().BeTrue();
        foreach (var length in lengths.Reverse())
        {
            _encodings.TryGet(RawOf(length), ref cursor, out var series).Should().BeTrue();
            series.Should().Be(length);
            var other = RawOf(length);
            other[^1]++;
            _encodings.TryGet(other, ref cursor, out _).Should().BeFalse();
        }
    }

    [Fact]
    public void TryGet_TellsZerosOfDifferentLengthsApart()
    {
        ulong cursor = 0;
        for (var length = 1; length <= 100; length++)
        {
            _encodings.TryGet(new byte[length], ref cursor, out _).Should().BeFalse();
            _encodings.TryAdd(new byte[length], length, 0, ref cursor, out _).Should().BeTrue();
        }

        for (var length = 1; length <= 100; length++)
        {
            _encodings.TryGet(new byte[length], ref cursor, out var series).Should().BeTrue();
            series.Should().Be(length);
        }
    }

    [Fact]
    public void TryAdd_AddsNothing_WhenItIsThere()
    {
        ulong cursor = 0;
        _encodings.TryAdd("a"u8, 1, 0, ref cursor, out var first).Should().BeTrue();
        cursor.Should().Be(first);
        cursor = 0;
        _encodings.TryAdd("a"u8, 1, first, ref cursor, out var again).Should().BeFalse();
        again.Should().Be(0);
        cursor.Should().Be(first);
    }

    [Fact]
    public void TryGet_FindsNothing_ThatIsRemoved_ByCursorOrByIndex()
    {
        ulong start = 0;
        _encodings.TryAdd("before"u8, 1, 0, ref start, out _).Should().BeTrue();
        var cursor = start;
        _encodings.TryAdd("a"u8, 2, 0, ref cursor, out var first).Should().BeTrue();
        _encodings.TryAdd("b"u8, 2, first, ref cursor, out var second).Should().BeTrue();
        _encodings.Remove(second);
        foreach (var from in (ulong[])[0, start, first])
        {
            cursor = from;
            _encodings.TryGet("a"u8, ref cursor, out var series).Should().BeFalse();
            series.Should().Be(0);
            _encodings.TryGet("b"u8, ref cursor, out _).Should().BeFalse();
        }

        _encodings.Free(second);
        // The cells are used again; what remembered the old ones finds only what it looks for.
        cursor = 0;
        _encodings.TryAdd("c"u8, 3, 0, ref cursor, out var third).Should().BeTrue();
        third.Should().BeOneOf(first, second);
        cursor = start;
        _encodings.TryGet("a"u8, ref cursor, out _).Should().BeFalse();
        _encodings.TryGet("c"u8, ref cursor, out var reused).Should().BeTrue();
        reused.Should().Be(3);
    }

    [Fact]
    public void SizeBytes_DoesNotDependOnTheLengthOfEncodings()
    {
        var others = new SenderEncodings(new SeededHash());
        ulong cursor = 0;
        ulong otherCursor = 0;
        const int Count = 20_000;
        for (var i = 1; i <= Count; i++)
        {
            _encodings.TryAdd(Encoding.UTF8.GetBytes($"{i}"), i, 0, ref cursor, out _).Should().BeTrue();
            others.TryAdd(Encoding.UTF8.GetBytes($"{i:D500}"), i, 0, ref otherCursor, out _).Should().BeTrue();
        }

        _encodings.SizeBytes.Should().BeLessThan(Count * 100);
        others.SizeBytes.Should().BeCloseTo(_encodings.SizeBytes, 100_000);
    }

    [Fact]
    public void IndexHash_SpreadsAllBits_OverCountedNames()
    {
        var ones = new int[64];
        const int Count = 20_000;
        for (var i = 0; i < Count; i++)
        {
            var hash = _encodings.IndexHash(Encoding.UTF8.GetBytes($"node_filesystem_avail_bytes instance-{i:D6}"));
            for (var bit = 0; bit < 64; bit++) ones[bit] += (int)(hash >> bit) & 1;
        }

        ones.Should().OnlyContain(n => n > Count * 0.47 && n < Count * 0.53);
    }

    private static byte[] RawOf(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 7) + length))];
}

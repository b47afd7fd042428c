using System.Globalization;
using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

public sealed class HeadChunkFilesTests : IDisposable
{
    private const int SmallFileBytes = 300_000;
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Read_GivesWhatWasWritten_FromBufferAndFileAndAfterReopening()
    {
        var refs = new List<ChunkDiskRef>();
        using (var files = Open(_temporary.Open(), out _))
        {
            for (var i = 0; i < 3000; i++)
            {
                refs.Add(Write(files, i));
                AssertReads(files, refs[i], i);
                AssertReads(files, refs[i / 2], i / 2);
            }

            files.FileNumbers.Last.Should().BeGreaterThan(2);
            refs.Should().BeInAscendingOrder();
        }

        var seen = new List<ChunkDiskRef>();
        using var reopened = Open(_temporary.Open(), out var damages, (chunkRef, in header, data) =>
        {
            AssertIs(seen.Count, header, data);
            seen.Add(chunkRef);
        });

        damages.Should().BeEmpty();
        seen.Should().Equal(refs);
        for (var i = 0; i < refs.Count; i++)
            AssertReads(reopened, refs[i], i);
    }

    [Fact]
    public void Expect_ChangesNothing_WhateverTheReference()
    {
        using var files = Open(_temporary.Open(), out _);
        var refs = Enumerable.Range(0, 3000).Select(i => Write(files, i)).ToArray();
        var lastFile = files.FileNumbers.Last;

        foreach (var chunkRef in refs) files.Expect(chunkRef);
        foreach (var number in (int[])[-1, 0, 1, lastFile, lastFile + 1])
        {
            foreach (var offset in (int[])[-1, 0, 7, SmallFileBytes - 1, SmallFileBytes, int.MaxValue])
                files.Expect(new ChunkDiskRef(number, offset));
        }

        for (var i = 0; i < refs.Length; i++) AssertReads(files, refs[i], i);
    }

    [Fact]
    public void ForEach_TakesZerosBetweenChunksForDamage_NotForTheEnd()
    {
        ChunkDiskRef second;
        ChunkDiskRef third;
        using (var files = Open(_temporary.Open(), out _))
        {
            Write(files, 0);
            second = Write(files, 1);
            third = Write(files, 2);
        }

        var path = _temporary.PathOf("chunks_head/000001");
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(second.OffsetBytes, third.OffsetBytes - second.OffsetBytes).Clear();
        File.WriteAllBytes(path, bytes);
        var seen = 0;
        using var reopened = Open(_temporary.Open(), out var damages, (_, in _, _) => seen++);

        seen.Should().Be(1);
        damages.Should().ContainSingle().Which.StartBytes.Should().Be(second.OffsetBytes);
        File.ReadAllBytes(_temporary.PathOf(damages[0].QuarantinedAs!)).Should().Equal(bytes);
    }

    [Fact]
    public void Flush_LeavesNoTornChunk_WhenAWriteFails()
    {
        using var disk = new SimulatedDataDirectory();
        var faulty = new FaultyDataDirectory(disk);
        using (var files = Open(faulty, out _))
        {
            Write(files, 0);
            files.Flush();
            for (var i = 1; i < 60; i++) Write(files, i);
            // Some of it gets to the disk.
            disk.CapacityBytes = (disk.Space.TotalBytes - disk.Space.FreeBytes) + (2 * SimulatedFile.PageBytes);
            files.Invoking(f => f.Flush()).Should().Throw<DiskFullException>();

            // As a killed process leaves it: the first chunk, and nothing behind it but zeros.
            using (var file = disk.OpenRead("chunks_head/000001"))
            {
                var left = new byte[file.Length];
                file.ReadFully(left, 0);
                left.AsSpan(HeadChunkFormat.FileHeaderBytes).ContainsAnyExcept((byte)0).Should().BeTrue();
                HeadChunkFormat.ReadChunk(left.AsSpan(HeadChunkFormat.FileHeaderBytes), out _, out var data);
                var end = HeadChunkFormat.FileHeaderBytes + HeadChunkFormat.SizeOf(data.Length);
                left.AsSpan(end).ContainsAnyExcept((byte)0).Should().BeFalse();
            }

            disk.CapacityBytes = 1L << 40;
        }

        var whole = 0;
        using var reopened = Open(disk, out var damages, (_, in _, _) => whole++);
        damages.Should().BeEmpty();
        whole.Should().Be(60);
    }

    [Fact]
    public void Write_MakesTheDocumentedBytes_AndDisposeCutsTheFileToItsContent()
    {
        using (var files = Open(_temporary.Open(), out _))
        {
            files.Write(5, -2, 258, 0x81, "data"u8).Should().Be(new ChunkDiskRef(1, 8));
            new FileInfo(_temporary.PathOf("chunks_head/000001")).Length.Should().Be(SmallFileBytes);
        }

        var bytes = File.ReadAllBytes(_temporary.PathOf("chunks_head/000001"));

        bytes[..8].Should().Equal(0x01, 0x30, 0xBC, 0x91, 1, 0, 0, 0);
        var chunk = bytes[8..];
        chunk[..^4].Should().Equal(
            0, 0, 0, 0, 0, 0, 0, 5,
            255, 255, 255, 255, 255, 255, 255, 254,
            0, 0, 0, 0, 0, 0, 1, 2,
            0x81, 4, (byte)'d', (byte)'a', (byte)'t', (byte)'a');
        var checksum = Crc32C.Compute(chunk.AsSpan(0, chunk.Length - 4));
        chunk[^4..].Should().Equal(
            (byte)(checksum >> 24), (byte)(checksum >> 16), (byte)(checksum >> 8), (byte)checksum);
    }

    [Fact]
    public void Read_Throws_WhenTheRefIsInvented()
    {
        using var files = Open(_temporary.Open(), out _);
        for (var i = 0; i < 1500; i++)
            Write(files, i);
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var offset = random.Next(3) == 0 ? random.Next() : random.Next(400_000);
            var chunkRef = new ChunkDiskRef(random.Next(-1, 5), offset);
            try
            {
                files.Read(chunkRef, out var header);
                header.SeriesRef.Should().BeGreaterThan(0, "only a real chunk can be read");
            }
            catch (CorruptDataException error)
            {
                error.OffsetBytes.Should().Be(chunkRef.OffsetBytes);
            }
        }
    }

    [Fact]
    public void ForEach_KeepsThePlainPrefix_WhereverTheLastFileIsCut()
    {
        var refs = WriteFiles(20);
        var path = _temporary.PathOf("chunks_head/000001");
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length += 13)
        {
            using var copy = new TemporaryDirectory();
            Directory.CreateDirectory(copy.PathOf("chunks_head"));
            File.WriteAllBytes(copy.PathOf("chunks_head/000001"), whole[..length]);
            var count = 0;

            HeadChunkVisitor visit = (_, in header, data) => AssertIs(count++, header, data);
            using (var files = Open(copy.Open(), out var damages, visit))
            {
                count.Should().Be(refs.Where((chunkRef, i) => chunkRef.OffsetBytes + Size(i) <= length).Count());
                damages.Count.Should().BeLessThan(2);
                AssertReads(files, Write(files, 77), 77);
            }

            count = 0;
            using var again = Open(copy.Open(), out var later, (_, in _, _) => count++);
            later.Should().BeEmpty("the first opening put things in order, cut at {0}", length);
            again.FileNumbers.First.Should().Be(1);
        }
    }

    [Fact]
    public void ForEach_StopsAtAFlippedBit_AndKeepsWhatFollowsInQuarantine()
    {
        var refs = WriteFiles(2500);
        var last = refs[^1].FileNumber;
        last.Should().BeGreaterThan(2);
        var path = _temporary.PathOf("chunks_head/000002");
        var bytes = File.ReadAllBytes(path);
        bytes[150_000] ^= 4;
        File.WriteAllBytes(path, bytes);
        var seen = new List<ChunkDiskRef>();

        using var files = Open(_temporary.Open(), out var damages, (chunkRef, in _, _) => seen.Add(chunkRef));

        damages.Count.Should().Be(1 + last - 2);
        var damage = damages.Should().ContainSingle(one => one.Path == "chunks_head/000002").Subject;
        damage.StartBytes.Should().BeInRange(150_000 - 700, 150_000);
        File.ReadAllBytes(_temporary.PathOf(damage.QuarantinedAs!)).Should().Equal(bytes);
        foreach (var other in damages)
            File.Exists(_temporary.PathOf(other.QuarantinedAs!)).Should().BeTrue();
        seen.Should().Equal(refs.Where(r => r.CompareTo(new ChunkDiskRef(2, (int)damage.StartBytes)) < 0));
        new FileInfo(path).Length.Should().Be(damage.StartBytes);
        foreach (var chunkRef in seen)
            AssertReads(files, chunkRef, refs.IndexOf(chunkRef));
        Write(files, 5).FileNumber.Should().Be(3);
    }

    [Fact]
    public void ForEach_NeverKeepsAChunkBehindALostOne_WhenKilledWhileCutting()
    {
        var refs = WriteFiles(2500);
        var path = _temporary.PathOf("chunks_head/000002");
        var bytes = File.ReadAllBytes(path);
        bytes[150_000] ^= 4;
        File.WriteAllBytes(path, bytes);
        for (var killAt = 1; ; killAt++)
        {
            using var copy = new TemporaryDirectory();
            Directory.CreateDirectory(copy.PathOf("chunks_head"));
            foreach (var file in Directory.EnumerateFiles(_temporary.PathOf("chunks_head")))
                File.Copy(file, copy.PathOf($"chunks_head/{Path.GetFileName(file)}"));
            var isKilled = false;
            try
            {
                Open(new FaultyDataDirectory(copy.Open()) { KillAtChange = killAt }, out _).Dispose();
            }
            catch (SimulatedCrashException)
            {
                isKilled = true;
            }

            var seen = new List<ChunkDiskRef>();
            using var files = Open(copy.Open(), out _, (chunkRef, in _, _) => seen.Add(chunkRef));
            seen.Should().Equal(refs.Take(seen.Count), "killed at {0}", killAt);
            if (!isKilled)
                return;
        }
    }

    [Theory]
    [InlineData("header", 2)]
    [InlineData("empty", 2)]
    [InlineData("missing", 1)]
    public void ForEach_ReadsUpToABadFileOrAHole(string what, int lastKept)
    {
        WriteFiles(4000);
        var path = _temporary.PathOf("chunks_head/000002");
        if (what == "missing")
            File.Delete(path);
        else
            File.WriteAllBytes(path, what == "empty" ? [] : [1, 2, 3]);
        var fileCount = Directory.EnumerateFiles(_temporary.PathOf("chunks_head")).Count();
        fileCount.Should().BeGreaterThan(3);
        var seen = new List<ChunkDiskRef>();

        using (var files = Open(_temporary.Open(), out var damages, (chunkRef, in _, _) => seen.Add(chunkRef)))
        {
            damages.Count.Should().Be(fileCount - 1);
            seen.Select(r => r.FileNumber).Distinct().Should().Equal(1);
            Write(files, 1).FileNumber.Should().Be(lastKept + 1);
        }

        using var again = Open(_temporary.Open(), out var later);
        later.Should().BeEmpty();
    }

    [Fact]
    public void KilledAtAnyChange_OpensAgain_WithAllThatWasFlushed()
    {
        for (var killAt = 1; ; killAt++)
        {
            using var temporary = new TemporaryDirectory();
            var faulty = new FaultyDataDirectory(temporary.Open()) { KillAtChange = killAt };
            var flushed = 0;
            var isKilled = false;
            try
            {
                using var files = Open(faulty, out _);
                for (var i = 0; i < 1200; i++)
                {
                    Write(files, i);
                    if (i % 100 == 99)
                    {
                        files.Flush();
                        flushed = i + 1;
                    }
                }
            }
            catch (SimulatedCrashException)
            {
                isKilled = true;
            }

            var count = 0;
            using (Open(temporary.Open(), out _, (_, in header, data) => AssertIs(count++, header, data)))
                count.Should().BeGreaterThanOrEqualTo(flushed, "killed at {0}", killAt);
            using (Open(temporary.Open(), out var damages))
                damages.Should().BeEmpty();
            if (!isKilled)
                return;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_KeepsTheOrder_WhenChunksHadToWaitForRoom(bool isFull)
    {
        var faulty = new FaultyDataDirectory(_temporary.Open());
        var failures = 0;
        using (var files = Open(faulty, out _))
        {
            var refs = new Dictionary<int, ChunkDiskRef>();
            for (var i = 0; i < 3000; i++)
            {
                var isBroken = i / 200 % 2 == 1;
                faulty.FreeBytes = isFull && isBroken ? 0 : long.MaxValue;
                faulty.FailWrites = !isFull && isBroken;
                try
                {
                    refs.Add(i, Write(files, i));
                }
                catch (IOException)
                {
                    failures++;
                }

                foreach (var (number, chunkRef) in refs.Where(entry => entry.Key % 100 == i % 100))
                    AssertReads(files, chunkRef, number);
            }
        }

        failures.Should().BeGreaterThan(100);
        var count = 0;
        using (Open(_temporary.Open(), out var damages, (_, in header, data) => AssertIs(count++, header, data)))
            damages.Should().BeEmpty();
        count.Should().Be(3000);
    }

    [Fact]
    public void Write_RefusesForEver_AfterAFailedSync()
    {
        var faulty = new FaultyDataDirectory(_temporary.Open());
        using var files = Open(faulty, out _);
        var chunkRef = Write(files, 0);
        faulty.FailSyncs = true;
        var sync = files.Sync;
        sync.Should().Throw<IOException>();
        faulty.FailSyncs = false;

        var act = () => Write(files, 1);

        act.Should().Throw<IOException>();
        AssertReads(files, chunkRef, 0);
    }

    [Fact]
    public void RetireBefore_TakesFilesOutOfSight_UntilTheyAreDeleted()
    {
        using var files = Open(_temporary.Open(), out _);
        var refs = Enumerable.Range(0, 3000).Select(i => Write(files, i)).ToList();
        var held = files.Read(refs[0], out var header);
        var last = files.FileNumbers.Last;

        var retired = files.RetireBefore(int.MaxValue);

        files.FileNumbers.First.Should().Be(last);
        AssertIs(0, header, held);
        retired!.Delete();
        Directory.EnumerateFiles(_temporary.PathOf("chunks_head")).Should().ContainSingle();
        var act = () => files.Read(refs[0]).Length;
        act.Should().Throw<CorruptDataException>();
        AssertReads(files, refs[^1], refs.Count - 1);
        files.RetireBefore(last).Should().BeNull();
    }

    [Fact]
    public async Task Read_SeesWholeChunks_WhileAnotherThreadWrites()
    {
        using var files = Open(_temporary.Open(), out _);
        var refs = new ChunkDiskRef[6000];
        var written = 0;
        var reader = Task.Run(() =>
        {
            var random = new Random(1);
            int limit;
            while ((limit = Volatile.Read(ref written)) < refs.Length)
            {
                if (limit == 0)
                    continue;
                var i = random.Next(4) == 0 ? random.Next(limit) : limit - 1;
                AssertReads(files, refs[i], i);
            }
        }, TestContext.Current.CancellationToken);

        for (var i = 0; i < refs.Length; i++)
        {
            refs[i] = Write(files, i);
            Volatile.Write(ref written, i + 1);
        }

        await reader;
    }

    [Fact]
    public void Write_TakesAChunkLongerThanItsBuffer()
    {
        using var files = Open(_temporary.Open(), out _);
        var chunk = new byte[200_000];
        new Random(1).NextBytes(chunk);
        Write(files, 1);

        var chunkRef = files.Write(9, 1, 2, 1, chunk);
        Write(files, 2);

        files.Read(chunkRef).SequenceEqual(chunk).Should().BeTrue();
    }

    [Fact]
    public void ForEach_KeepsNothingInMemory_OfTheFilesItHasRead()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the system tells of each mapping");
        WriteFiles(3000);
        // The first start cuts them to their content.
        Open(_temporary.Open(), out _).Dispose();

        using var files = Open(_temporary.Open(), out _);

        files.FileNumbers.Last.Should().BeGreaterThan(2);
        // A page that is mapped in part stays.
        ResidentKilobytes().Should().HaveCount(files.FileNumbers.Last)
            .And.OnlyContain(kilobytes => kilobytes <= Environment.SystemPageSize / 1024);
    }

    // Of each mapping of the files.
    private List<int> ResidentKilobytes()
    {
        var found = new List<int>();
        var isOurs = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!parts[0].EndsWith(':')) isOurs = line.Contains(_temporary.Path, StringComparison.Ordinal);
            else if (isOurs && parts[0] == "Rss:") found.Add(int.Parse(parts[1], CultureInfo.InvariantCulture));
        }

        return found;
    }

    private static HeadChunkFiles Open(
        IDataDirectory directory, out IReadOnlyList<Damage> damages, HeadChunkVisitor? visit = null)
    {
        var files = HeadChunkFiles.Open(directory, SmallFileBytes);
        damages = files.ForEach(visit ?? ((_, in _, _) => { }));
        return files;
    }

    private List<ChunkDiskRef> WriteFiles(int count)
    {
        using var files = Open(_temporary.Open(), out _);
        return [.. Enumerable.Range(0, count).Select(i => Write(files, i))];
    }

    private static byte[] Data(int number)
    {
        var random = new Random(number);
        var data = new byte[random.Next(10, 600)];
        random.NextBytes(data);
        return data;
    }

    private static int Size(int number) => HeadChunkFormat.SizeOf(Data(number).Length);

    private static ChunkDiskRef Write(HeadChunkFiles files, int number) =>
        files.Write((ulong)number + 1, number - 50, number * 7L, (byte)(number % 3 + 1), Data(number));

    private static void AssertReads(HeadChunkFiles files, ChunkDiskRef chunkRef, int number) =>
        AssertIs(number, Header(files, chunkRef, out var data), data);

    private static HeadChunkHeader Header(HeadChunkFiles files, ChunkDiskRef chunkRef, out ReadOnlySpan<byte> data)
    {
        data = files.Read(chunkRef, out var header);
        return header;
    }

    private static void AssertIs(int number, in HeadChunkHeader header, ReadOnlySpan<byte> data)
    {
        if (header != new HeadChunkHeader((ulong)number + 1, number - 50, number * 7L, (byte)(number % 3 + 1))
            || !data.SequenceEqual(Data(number)))
            Assert.Fail($"chunk {number} is not what was written");
    }
}

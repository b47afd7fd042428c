using System.Runtime.InteropServices;

namespace PromHost.Tsdb.Tests;

public class ByteSlabsTests
{
    [Fact]
    public void ClassOf_IsTheSmallestClassThatHoldsTheLength_AndWastesLittle()
    {
        for (var length = 0; length <= SlabClasses.MaxBlockBytes; length++)
        {
            var slabClass = SlabClasses.ClassOf(length);
            slabClass.Should().BeInRange(0, SlabClasses.Count - 1);
            var size = SlabClasses.BlockBytes(slabClass);
            size.Should().BeGreaterThanOrEqualTo(length);
            if (slabClass > 0) SlabClasses.BlockBytes(slabClass - 1).Should().BeLessThan(length);
            SlabClasses.ClassOf(size).Should().Be(slabClass);
            (size % 8).Should().Be(0);
            if (length > 64) size.Should().BeLessThan(length + 8 + (length / 8));
        }

        SlabClasses.ClassOf(SlabClasses.MaxBlockBytes).Should().Be(SlabClasses.Count - 1);
    }

    [Fact]
    public void Add_KeepsWhatIsInUse_WhileOthersAreFreed()
    {
        var random = new Random(1);
        var slabs = new ByteSlabs();
        var used = new List<(ulong Handle, byte[] Bytes)>();
        for (var step = 0; step < 60_000; step++)
        {
            var isGrowing = step / 10_000 % 2 == 0;
            if (random.Next(10) < (isGrowing ? 7 : 3) || used.Count == 0)
            {
                used.Add(AddRandom(slabs, random));
                continue;
            }

            var index = random.Next(used.Count);
            slabs.From(used[index].Handle).StartsWith(used[index].Bytes).Should().BeTrue();
            slabs.Free(used[index].Handle);
            used[index] = used[^1];
            used.RemoveAt(used.Count - 1);
        }

        foreach (var (handle, bytes) in used)
            slabs.From(handle).StartsWith(bytes).Should().BeTrue();

        used.Select(u => u.Handle).Should().OnlyHaveUniqueItems();
        slabs.UsedBytes.Should().BeInRange(used.Sum(u => u.Bytes.Length), used.Sum(u => (u.Bytes.Length * 8L / 7) + 8));
    }

    [Fact]
    public void Free_GivesSlabsBack_WhenACrowdHasGone()
    {
        var random = new Random(2);
        var slabs = new ByteSlabs();
        var stay = Enumerable.Range(0, 1000).Select(_ => AddRandom(slabs, random)).ToList();
        var before = slabs.SizeBytes;
        for (var round = 0; round < 3; round++)
        {
            var crowd = Enumerable.Range(0, 30_000).Select(_ => AddRandom(slabs, random)).ToList();
            slabs.SizeBytes.Should().BeGreaterThan(5 * before);
            foreach (var (handle, _) in crowd) slabs.Free(handle);
            // One slab per size may stay.
            slabs.SizeBytes.Should().BeLessThanOrEqualTo(before + (SlabClasses.Count << 16));
        }

        foreach (var (handle, bytes) in stay) slabs.From(handle).StartsWith(bytes).Should().BeTrue();
    }

    // What the guesses of SeriesTable rely on: the owner clears the first four bytes, frees, and nobody who still has
    // the handle finds anything else there, unless it is the beginning of another string.
    [Fact]
    public void From_FindsTheBeginningOfAStringOrNothing_ForAHandleThatWasFreed()
    {
        var random = new Random(3);
        var slabs = new ByteSlabs();
        var used = new Dictionary<ulong, int>();
        var all = new HashSet<ulong>();
        var mark = 1;
        for (var step = 0; step < 30_000; step++)
        {
            var isGrowing = step / 3000 % 2 == 0;
            if (random.Next(10) < (isGrowing ? 7 : 3) || used.Count == 0)
            {
                var length = random.Next(3) == 0 ? random.Next(16, 300) : 24 * random.Next(1, 4);
                if (random.Next(100) == 0) length = random.Next(10_000, 100_000);
                var handle = slabs.Add(length, out var bytes);
                bytes.Fill(0xFF);
                MemoryMarshal.Write(bytes, mark);
                used[handle] = mark++;
                all.Add(handle);
            }
            else
            {
                var handle = used.Keys.First();
                used.Remove(handle);
                MemoryMarshal.Write(slabs.From(handle), 0);
                slabs.Free(handle);
            }

            if (step % 100 != 0) continue;
            foreach (var handle in all)
                MemoryMarshal.Read<int>(slabs.From(handle)).Should().Be(used.GetValueOrDefault(handle));
        }
    }

    private static (ulong Handle, byte[] Bytes) AddRandom(ByteSlabs slabs, Random random)
    {
        var length = random.Next(100) == 0 ? random.Next(70_000) : random.Next(20, 400);
        var handle = slabs.Add(length, out var room);
        room.Length.Should().Be(length);
        room.ContainsAnyExcept((byte)0).Should().BeFalse();
        var bytes = new byte[length];
        random.NextBytes(bytes);
        bytes.CopyTo(room);
        handle.Should().BeInRange(1, (1UL << 40) - 1);
        return (handle, bytes);
    }
}

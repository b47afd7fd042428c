namespace PromHost.Tsdb.Tests;

public class HashEntriesTests
{
    private const int Values = 30_000;

    [Fact]
    public void TryFind_FindsWhatWasAddedAndNotRemoved_WhileTablesGrowAndShrink()
    {
        var random = new Random(1);
        var entries = new HashEntries();
        var emptyBytes = entries.SizeBytes;
        var present = new HashSet<ulong>();
        var largestBytes = 0L;
        for (var step = 0; step < 300_000; step++)
        {
            var isGrowing = step / 50_000 % 2 == 0;
            var value = (ulong)random.Next(1, Values);
            if (present.Contains(value) != isGrowing || random.Next(4) == 0) Toggle(entries, present, value);
            entries.TryFind(Hash(value), new Same(value), out var found).Should().Be(present.Contains(value));
            found.Should().Be(present.Contains(value) ? value : 0);
            largestBytes = Math.Max(largestBytes, entries.SizeBytes);
        }

        foreach (var value in present.ToList()) Toggle(entries, present, value);
        entries.SizeBytes.Should().Be(emptyBytes);
        largestBytes.Should().BeLessThan(Values * 8 * 4);
    }

    [Fact]
    public async Task TryFind_NeverMissesAnEntry_WhileOthersComeAndGo()
    {
        const int Kept = 1000;
        var entries = new HashEntries();
        for (var value = 1UL; value <= Kept; value++) entries.Add(Hash(value), value);
        var reader = new EntriesReader(entries, Hash, Kept);
        var random = new Random(2);
        var present = new HashSet<ulong>();
        for (var step = 0; step < 1_000_000; step++)
        {
            var value = (ulong)(Kept + random.Next(1, step / 100_000 % 2 == 0 ? 20_000 : 200));
            Toggle(entries, present, value);
        }

        await reader.StopAsync();
    }

    [Fact]
    public async Task TryFind_MissesNothing_WhileTablesAreReplacedAgainAndAgain()
    {
        // One stripe: each step takes it from its shortest table to a longer one and back, in the same memory.
        const ulong Kept = 2;
        const int Crowd = 1200;
        var entries = new HashEntries();
        for (var value = 1UL; value <= Kept; value++) entries.Add(InOneStripe(value), value);
        var emptyBytes = entries.SizeBytes;
        var reader = new EntriesReader(entries, InOneStripe, Kept);
        for (var step = 0; step < 500; step++)
        {
            for (var value = Kept + 1; value <= Crowd; value++) entries.Add(InOneStripe(value), value);
            entries.SizeBytes.Should().BeGreaterThan(emptyBytes);
            for (var value = Kept + 1; value <= Crowd; value++) entries.Remove(InOneStripe(value), value);
            entries.SizeBytes.Should().Be(emptyBytes);
        }

        await reader.StopAsync();
    }

    private static void Toggle(HashEntries entries, HashSet<ulong> present, ulong value)
    {
        if (present.Add(value))
        {
            entries.Add(Hash(value), value);
        }
        else
        {
            entries.Remove(Hash(value), value);
            present.Remove(value);
        }
    }

    // Some share their hash.
    private static ulong Hash(ulong value) => (value / 2 + 1) * 0x9E3779B97F4A7C15;

    private static ulong InOneStripe(ulong value) => Hash(value) >> 6;

    // Looks for the values from 1 on, on a thread of its own, until it is stopped; all of them have to be there.
    private sealed class EntriesReader
    {
        private readonly Task _reading;
        private int _isDone;

        public EntriesReader(HashEntries entries, Func<ulong, ulong> hash, ulong count) => _reading = Task.Run(
            () =>
            {
                do
                {
                    for (var value = 1UL; value <= count; value++)
                        Assert.True(entries.TryFind(hash(value), new Same(value), out _));
                }
                while (Volatile.Read(ref _isDone) == 0);
            },
            TestContext.Current.CancellationToken);

        public Task StopAsync()
        {
            Volatile.Write(ref _isDone, 1);
            return _reading;
        }
    }

    private readonly struct Same(ulong wanted) : HashEntries.IMatch
    {
        public bool Matches(ulong value) => value == wanted;
    }
}

using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class WalEntriesTests
{
    [Fact]
    public void MoveNext_FindsEveryEntry_WhateverTheType()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            foreach (var type in WalTestRecords.Timed)
            {
                var entries = WalTestRecords.RandomEntries(random, type, random.Next(12));
                var record = WalTestRecords.Encode(type, entries);

                WalTestRecords.Walk(record).Should().BeEquivalentTo(entries, o => o.WithStrictOrdering());
            }
        }
    }

    [Fact]
    public void MoveNext_NeverFindsMoreThanThereIs_InAnyPrefix()
    {
        var random = new Random(2);
        foreach (var type in WalTestRecords.Timed)
        {
            var entries = WalTestRecords.RandomEntries(random, type, 5);
            var record = WalTestRecords.Encode(type, entries);
            for (var length = 0; length < record.Length; length++)
            {
                var found = WalTestRecords.Walk(record.AsSpan(0, length));
                (found?.Count ?? 0).Should().BeLessThan(entries.Length);
            }
        }
    }

    [Fact]
    public void MoveNext_WalksRecordsWithoutTimes()
    {
        var labels = Labels.FromPairs(("a", "b"), ("c", "d"));

        var series = WalTestRecords.Walk(WalTestRecords.Series((7, labels), (9, Labels.Empty)))!;
        var tombstones = WalTestRecords.Walk(WalTestRecords.Tombstones((3, -5, 60), (4, 1, 2)))!;
        var metadata = WalTestRecords.Walk(WalTestRecords.Metadata((300, "help"), (1, "")))!;

        series.Select(e => (e.Ref, e.TimeMs)).Should().Equal((7UL, long.MaxValue), (9UL, long.MaxValue));
        tombstones.Select(e => (e.Ref, e.TimeMs)).Should().Equal((3UL, 60L), (4UL, 2L));
        metadata.Select(e => (e.Ref, e.TimeMs)).Should().Equal((300UL, long.MaxValue), (1UL, long.MaxValue));
    }

    [Fact]
    public void MoveNext_NeverThrows_WhateverTheBytes()
    {
        var random = new Random(3);
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            if (bytes.Length > 0) bytes[0] = (byte)random.Next(16);
            WalTestRecords.Walk(bytes);
        }
    }
}

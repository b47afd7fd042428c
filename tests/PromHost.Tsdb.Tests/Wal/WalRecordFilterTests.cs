using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class WalRecordFilterTests : IDisposable
{
    private readonly ByteWriter _kept = new();
    private readonly SeriesRefSet _dropped = new();

    public void Dispose() => _kept.Dispose();

    [Fact]
    public void Filter_LeavesTheEntriesFromTheTimeOn_WhateverTheType()
    {
        var random = new Random(1);
        var parts = 0;
        for (var round = 0; round < 300; round++)
        {
            foreach (var type in WalTestRecords.Timed)
            {
                var entries = WalTestRecords.RandomEntries(random, type, random.Next(10));
                var minTimeMs = random.NextInt64(-1100, 1100);
                var expected = entries.Where(entry => entry.TimeMs >= minTimeMs).ToArray();

                var result = Filter(WalTestRecords.Encode(type, entries), minTimeMs);

                if (expected.Length == 0)
                {
                    result.Should().Be(WalFilterResult.Nothing);
                }
                else if (expected.Length == entries.Length)
                {
                    result.Should().Be(WalFilterResult.Whole);
                }
                else
                {
                    parts++;
                    result.Should().Be(WalFilterResult.Part);
                    WalTestRecords.Walk(_kept.WrittenSpan)
                        .Should().BeEquivalentTo(expected, o => o.WithStrictOrdering());
                }
            }
        }

        parts.Should().BeGreaterThan(500);
    }

    [Fact]
    public void Filter_LeavesOutSeriesThatAreGone_AndTheirTombstones()
    {
        _dropped.Add(2);
        var labels = Labels.FromPairs(("a", "b"));

        Filter(WalTestRecords.Series((1, labels), (2, labels)), 0).Should().Be(WalFilterResult.Part);
        _kept.WrittenSpan.ToArray().Should().Equal(WalTestRecords.Series((1, labels)));
        Filter(WalTestRecords.Tombstones((1, 0, 9), (2, 0, 50), (1, 0, 10)), 10).Should().Be(WalFilterResult.Part);
        _kept.WrittenSpan.ToArray().Should().Equal(WalTestRecords.Tombstones((1, 0, 10)));
        Filter(WalTestRecords.Series((2, labels)), 0).Should().Be(WalFilterResult.Nothing);
    }

    [Fact]
    public void Filter_LeavesAsItIs_WhatItCannotRead()
    {
        byte[][] records = [[200, 1, 2, 3], [], [(byte)WalRecordType.Series, 1, 2], [(byte)WalRecordType.Samples, 7]];
        foreach (var record in records) Filter(record, long.MaxValue).Should().Be(WalFilterResult.Whole);
    }

    private WalFilterResult Filter(byte[] record, long minTimeMs) =>
        new WalRecordFilter(_dropped, minTimeMs, minTimeMs).Filter(record, _kept);
}

using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

public sealed class WalReadAheadTests : IDisposable
{
    private readonly SimulatedDataDirectory _disk = new();

    [Fact]
    public void TryTake_GivesAllRecords_InTheirOrder()
    {
        using (var wal = WalWriter.Open(_disk, "wal", 4 * WalFormat.PageBytes, WalCompression.None))
        {
            for (var i = 1UL; i <= 40; i++)
            {
                Log(wal, buffer => WalRecordEncoder.Encode([new WalSeries(i, TestDatabase.Series("m" + i))], buffer));
                // Small records, which are gathered, and one that is larger than what is enough.
                for (var record = 0; record < 9; record++) LogSamples(wal, i, i == 20 ? 20_000 : 30);
                Log(wal, buffer => WalRecordEncoder.Encode([new WalTombstone(i, 1, 2)], buffer));
            }
        }

        var seen = new List<string>();
        using var reader = WalReader.Open(_disk, "wal");
        using var log = new WalReadAhead(reader);
        while (log.TryTake(out var batch))
        {
            foreach (ref readonly var sample in batch.Samples) Note($"samples {sample.Ref}");
            foreach (var series in batch.Series) Note($"series {series.Ref}");
            if (!batch.Record.IsEmpty) Note($"{WalRecordDecoder.TypeOf(batch.Record)} of {batch.Segment >= 0}");
            batch.Malformed.Should().Be(0);
        }

        seen.Should().Equal(Enumerable.Range(1, 40).SelectMany(
            i => new[] { $"series {i}", $"samples {i}", "Tombstones of True" }));

        void Note(string text)
        {
            if (seen.Count == 0 || seen[^1] != text) seen.Add(text);
        }
    }

    [Fact]
    public void TryTake_Throws_WhatTheReadingThrew()
    {
        using (var wal = WalWriter.Open(_disk, "wal")) LogSamples(wal, 1, 10);
        var segments = WalSegments.List(_disk, "wal");
        using var reader = new WalReader(_disk, [.. segments, new WalSegment("wal/00000077", 77)]);
        using var log = new WalReadAhead(reader);

        var take = () =>
        {
            while (log.TryTake(out _))
            {
            }
        };

        take.Should().Throw<FileNotFoundException>();
    }

    [Fact]
    public void Dispose_EndsTheReading_WhenNobodyTakesTheRest()
    {
        using (var wal = WalWriter.Open(_disk, "wal"))
        {
            for (var i = 0; i < 100; i++) LogSamples(wal, 1, 10_000);
        }

        using var reader = WalReader.Open(_disk, "wal");
        using (var log = new WalReadAhead(reader)) log.TryTake(out _).Should().BeTrue();
        reader.TotalBytes.Should().BeLessThan(WalSegments.SizeBytes(_disk, "wal"));
    }

    public void Dispose() => _disk.Dispose();

    private static void LogSamples(WalWriter wal, ulong walRef, int count) => Log(
        wal,
        buffer => WalRecordEncoder.Encode(
            [.. Enumerable.Range(0, count).Select(t => new WalSample(walRef, t, Math.Sin(t)))], buffer));

    private static void Log(WalWriter wal, Action<ByteWriter> encode)
    {
        using var buffer = new ByteWriter();
        encode(buffer);
        wal.Append(buffer.WrittenSpan);
        wal.Flush();
    }
}

using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

public sealed class WalWriterTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Reader_GivesBackWhatWasAppended_OverPagesAndSegments()
    {
        var directory = _temporary.Open();
        WalTestLog.Write(directory, 0, 400);

        var (numbers, damages) = WalTestLog.Read(directory);

        numbers.Should().Equal(Enumerable.Range(0, 400));
        damages.Should().BeEmpty();
        WalSegments.List(directory, "wal").Count.Should().BeGreaterThan(5);
    }

    [Fact]
    public void Append_WritesTheDocumentedBytes()
    {
        var directory = _temporary.Open();
        using (var writer = WalWriter.Open(directory, "wal"))
        {
            writer.Append("abc"u8);
            writer.Append(new byte[100]);
            writer.Flush();
            new FileInfo(_temporary.PathOf("wal/00000000")).Length.Should().BeLessThan(100);
        }

        var bytes = File.ReadAllBytes(_temporary.PathOf("wal/00000000"));

        bytes.Length.Should().Be(WalFormat.PageBytes, "closing ends the page");
        var checksum = Crc32C.Compute("abc"u8);
        bytes[..10].Should().Equal(
            1, 0, 3, (byte)(checksum >> 24), (byte)(checksum >> 16), (byte)(checksum >> 8), (byte)checksum, 97, 98, 99);
        bytes[10].Should().Be(1 | 8, "zeros compress");
    }

    [Fact]
    public void Append_NeverLeavesAFragmentAcrossAPageBorder_WhateverRoomIsLeft()
    {
        for (var left = 0; left < 20; left++)
        {
            using var temporary = new TemporaryDirectory();
            var directory = temporary.Open();
            var random = new byte[WalFormat.PageBytes - WalFormat.HeaderBytes - left];
            new Random(left).NextBytes(random);
            using (var writer = WalWriter.Open(directory, "wal"))
            {
                writer.Append(random);
                writer.Append("second"u8);
                writer.Append([]);
                writer.Append("fourth"u8);
            }

            using var reader = WalReader.Open(directory, "wal");
            foreach (var expected in (byte[][])[random, "second"u8.ToArray(), [], "fourth"u8.ToArray()])
            {
                reader.TryRead(out var record).Should().BeTrue();
                record.ToArray().Should().Equal(expected);
            }

            reader.TryRead(out _).Should().BeFalse();
            reader.Damages.Should().BeEmpty();
        }
    }

    [Fact]
    public void Open_StartsBehindWhatIsThere()
    {
        var directory = _temporary.Open();
        WalWriter.Open(directory, "wal").Dispose();
        directory.List("wal").Should().Equal("00000000");
        WalTestLog.Write(directory, 0, 1);
        WalTestLog.Write(directory, 1, 1);
        directory.List("wal").Should().BeEquivalentTo("00000000", "00000001");

        Directory.CreateDirectory(_temporary.PathOf("wal/checkpoint.00000007"));
        using var writer = WalWriter.Open(directory, "wal");
        writer.Position.Should().Be(new WalPosition(8, 0));
    }

    [Fact]
    public void Position_IsWhereTheReaderFindsTheRecord()
    {
        var directory = _temporary.Open();
        var positions = new List<WalPosition>();
        using (var writer = WalWriter.Open(directory, "wal", WalTestLog.SmallSegmentBytes))
        {
            for (var i = 0; i < 100; i++)
            {
                writer.Append(WalTestLog.Record(i));
                writer.Flush();
                positions.Add(writer.Position);
            }
        }

        using var reader = WalReader.Open(directory, "wal");
        foreach (var position in positions)
        {
            reader.TryRead(out _).Should().BeTrue();
            reader.Segment.Number.Should().Be(position.Segment);
            // A page's padding may lie behind the record.
            reader.RecordEndBytes.Should()
                .BeInRange(position.OffsetBytes - WalFormat.HeaderBytes, position.OffsetBytes);
        }
    }

    [Fact]
    public void Flush_CutsBackToTheLastFlush_WhenTheDiskIsFull_AndGoesOnLater()
    {
        for (var free = 0; free < 60_000; free += 1_377)
        {
            using var temporary = new TemporaryDirectory();
            var directory = new FaultyDataDirectory(temporary.Open());
            using var writer = WalWriter.Open(directory, "wal", WalTestLog.SmallSegmentBytes);
            directory.FreeBytes = free;
            var kept = new List<int>();
            var hasFailed = false;
            for (var batch = 0; batch < 40; batch++)
            {
                try
                {
                    for (var i = batch * 5; i < (batch * 5) + 5; i++)
                        writer.Append(WalTestLog.Record(i));
                    writer.Flush();
                    kept.AddRange(Enumerable.Range(batch * 5, 5));
                }
                catch (DiskFullException)
                {
                    hasFailed = true;
                    writer.DiscardPending();
                    new FileInfo(temporary.PathOf(WalSegments.PathOf("wal", writer.Position.Segment))).Length
                        .Should().Be(writer.Position.OffsetBytes);
                    directory.FreeBytes = long.MaxValue;
                }
            }

            writer.Flush();
            hasFailed.Should().BeTrue();
            var (numbers, damages) = WalTestLog.Read(temporary.Open());
            numbers.Should().Equal(kept);
            damages.Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Writer_RefusesEverything_AfterAnIoErrorOrAFailedSync(bool isSync)
    {
        var directory = new FaultyDataDirectory(_temporary.Open());
        using var writer = WalWriter.Open(directory, "wal");
        writer.Append("a"u8);
        directory.FailSyncs = isSync;
        directory.FailWrites = !isSync;

        var first = () => writer.Sync();
        first.Should().Throw<WalBrokenException>();

        directory.FailSyncs = false;
        directory.FailWrites = false;
        var changes = directory.Changes;
        Action[] calls = [() => writer.Append("b"u8), writer.Flush, writer.Sync, () => writer.StartSegment()];
        foreach (var later in calls)
            later.Should().Throw<WalBrokenException>();
        writer.Broken.Should().NotBeNull();
        directory.Changes.Should().Be(changes);
    }

    [Fact]
    public void KilledAtAnyChange_LosesNothingFlushed_AndIsRepairedToACleanLog()
    {
        for (var killAt = 1; ; killAt++)
        {
            using var temporary = new TemporaryDirectory();
            var faulty = new FaultyDataDirectory(temporary.Open()) { KillAtChange = killAt };
            var (acknowledged, isKilled) = RunUntilKilled(faulty);
            var directory = temporary.Open();

            var (found, damages) = WalTestLog.Read(directory);
            found.Should().Equal(Enumerable.Range(0, found.Count), "kill at {0}", killAt);
            found.Count.Should().BeGreaterThanOrEqualTo(acknowledged, "kill at {0}", killAt);
            WalRepair.Run(directory, damages);
            WalTestLog.Read(directory).Damages.Should().BeEmpty("kill at {0}", killAt);

            WalTestLog.Write(directory, found.Count, 10);
            var (after, damagesAfter) = WalTestLog.Read(directory);
            after.Should().Equal(Enumerable.Range(0, found.Count + 10));
            damagesAfter.Should().BeEmpty();
            if (!isKilled)
                return;
        }
    }

    private static (int Acknowledged, bool IsKilled) RunUntilKilled(FaultyDataDirectory directory)
    {
        var acknowledged = 0;
        try
        {
            using var writer = WalWriter.Open(directory, "wal", WalTestLog.SmallSegmentBytes);
            for (var i = 0; i < 120; i++)
            {
                writer.Append(WalTestLog.Record(i));
                if (i % 4 == 0)
                {
                    writer.Flush();
                    acknowledged = i + 1;
                }

                if (i % 16 == 0)
                    writer.Sync();
            }
        }
        catch (SimulatedCrashException)
        {
            return (acknowledged, true);
        }

        return (acknowledged, false);
    }
}

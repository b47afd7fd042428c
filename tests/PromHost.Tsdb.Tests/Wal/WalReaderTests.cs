using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

public sealed class WalReaderTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void TryRead_GivesThePlainPrefix_WhereverTheLogIsCut()
    {
        var directory = _temporary.Open();
        WalTestLog.Write(directory, 0, 25);
        var whole = File.ReadAllBytes(_temporary.PathOf("wal/00000000"));
        var ends = RecordEnds(directory, 0);
        for (var length = 0; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(_temporary.PathOf("wal/00000000"), whole[..length]);
            using var reader = new WalReader(directory, [new WalSegment("wal/00000000", 0)]);
            var count = 0;
            while (reader.TryRead(out var record))
                WalTestLog.NumberOf(record).Should().Be(count++);

            count.Should().Be(ends.Count(end => end <= length));
            if (reader.Damages.Count > 0)
                reader.Damages.Should().ContainSingle().Which.EndBytes.Should().Be(length);
        }
    }

    [Fact]
    public void TryRead_LosesOnlyThePagesAndRecordsThatTouchAFlippedBit_AndRepairLeavesTheRest()
    {
        var pristine = _temporary.Open();
        WalTestLog.Write(pristine, 0, 120);
        var random = new Random(5);
        foreach (var segment in WalSegments.List(pristine, "wal").Take(3))
        {
            var whole = File.ReadAllBytes(_temporary.PathOf(segment.Path));
            for (var round = 0; round < 60; round++)
            {
                using var copy = CopyLog();
                var directory = copy.Open();
                var bit = random.Next(whole.Length * 8);
                var bytes = (byte[])whole.Clone();
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                File.WriteAllBytes(copy.PathOf(segment.Path), bytes);

                var (found, damages) = WalTestLog.Read(directory);
                found.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
                damages.Sum(damage => damage.EndBytes - damage.StartBytes).Should().BeLessThan(5 * WalFormat.PageBytes);
                foreach (var damage in damages)
                    damage.Path.Should().Be(segment.Path);

                var quarantined = WalRepair.Run(directory, damages);
                quarantined.Select(d => d.QuarantinedAs).Distinct(StringComparer.Ordinal)
                    .Should().HaveCount(damages.Count > 0 ? 1 : 0);
                var (repaired, after) = WalTestLog.Read(directory);
                after.Should().BeEmpty("bit {0} of {1}", bit, segment.Path);
                repaired.Should().Equal(found);
                WalSegments.List(directory, "wal").Should().Equal(WalSegments.List(pristine, "wal"));
            }
        }
    }

    [Fact]
    public void Repair_KeepsTheOriginalInQuarantine_AndSurvivesAKillAtAnyChange()
    {
        WalTestLog.Write(_temporary.Open(), 0, 60);
        var path = _temporary.PathOf("wal/00000000");
        var bytes = File.ReadAllBytes(path);
        bytes[40_000] ^= 1;
        File.WriteAllBytes(path, bytes);
        var (found, damages) = WalTestLog.Read(_temporary.Open());
        for (var killAt = 1; ; killAt++)
        {
            using var copy = CopyLog();
            var faulty = new FaultyDataDirectory(copy.Open()) { KillAtChange = killAt };
            var isKilled = false;
            try
            {
                WalRepair.Run(faulty, damages);
            }
            catch (SimulatedCrashException)
            {
                isKilled = true;
            }

            var directory = copy.Open();
            var (between, damagesBetween) = WalTestLog.Read(directory);
            between.Should().Equal(found);
            WalRepair.Run(directory, damagesBetween);
            var (repaired, after) = WalTestLog.Read(directory);
            repaired.Should().Equal(found);
            after.Should().BeEmpty();
            Directory.EnumerateFiles(copy.PathOf("promhost/quarantine"))
                .Should().Contain(file => File.ReadAllBytes(file).SequenceEqual(bytes));
            if (!isKilled)
                return;
        }
    }

    [Fact]
    public void Repair_CutsATornTailInPlace_AndKeepsItsBytes()
    {
        var directory = _temporary.Open();
        using (var writer = WalWriter.Open(directory, "wal"))
        {
            for (var i = 0; i < 10; i++)
                writer.Append(WalTestLog.Record(i));
            writer.Flush();
        }

        var path = _temporary.PathOf("wal/00000000");
        var whole = File.ReadAllBytes(path);
        var end = (int)RecordEnds(directory, 0)[^1];
        File.WriteAllBytes(path, whole[..(end - 1)]);
        var damages = WalTestLog.Read(directory).Damages;

        var target = WalRepair.Run(directory, damages).Should().ContainSingle().Which.QuarantinedAs!;

        var (numbers, after) = WalTestLog.Read(directory);
        numbers.Should().Equal(Enumerable.Range(0, 9));
        after.Should().BeEmpty();
        var start = (int)damages[0].StartBytes;
        File.ReadAllBytes(path).Should().Equal(whole[..start]);
        File.ReadAllBytes(_temporary.PathOf(target)).Should().Equal(whole[start..(end - 1)]);
    }

    [Fact]
    public void TryRead_NeverThrows_WhateverTheBytes()
    {
        var directory = _temporary.Open();
        Directory.CreateDirectory(_temporary.PathOf("wal"));
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var bytes = new byte[random.Next(3 * WalFormat.PageBytes)];
            random.NextBytes(bytes);
            File.WriteAllBytes(_temporary.PathOf("wal/00000000"), bytes);
            using var reader = WalReader.Open(directory, "wal");
            while (reader.TryRead(out _))
            {
            }

            if (bytes.Length > 0)
                reader.Damages.Should().NotBeEmpty();
        }
    }

    [Fact]
    public void TryRead_IsNotImpressedByShortReads()
    {
        var directory = new FaultyDataDirectory(_temporary.Open()) { ReadShort = true };
        WalTestLog.Write(directory, 0, 30);

        WalTestLog.Read(directory).Numbers.Should().Equal(Enumerable.Range(0, 30));
    }

    [Fact]
    public void Open_ReadsTheNewestCheckpointAndTheSegmentsBehindIt()
    {
        var directory = _temporary.Open();
        for (var i = 0; i < 6; i++)
            WalTestLog.Write(directory, i, 1);
        using (var old = WalWriter.Open(directory, "wal/checkpoint.00000001"))
            old.Append(WalTestLog.Record(1000));
        using (var newest = WalWriter.Open(directory, "wal/checkpoint.00000003"))
            newest.Append(WalTestLog.Record(2000));
        Directory.CreateDirectory(_temporary.PathOf("wal/checkpoint.00000005.tmp"));

        WalTestLog.Read(directory).Numbers.Should().Equal(2000, 4, 5);
        WalSegments.NextNumber(directory, "wal").Should().Be(6);
    }

    [Theory]
    [InlineData(-1, new[] { 1 }, new[] { 1 })]
    [InlineData(-1, new[] { 0, 1, 4 }, new[] { 0, 4 })]
    [InlineData(2, new[] { 3, 5 }, new[] { 3, 5 })]
    [InlineData(2, new int[0], new int[0])]
    public void CloseHoles_GivesNumbersThatPrometheusReads_WhateverIsMissing(
        int checkpoint, int[] missing, int[] beginnings)
    {
        for (var killAt = 1; ; killAt++)
        {
            using var temporary = new TemporaryDirectory();
            var directory = temporary.Open();
            for (var i = 0; i < 7; i++) WalTestLog.Write(directory, i, 1);
            if (checkpoint >= 0)
            {
                for (var i = 0; i < 2; i++)
                {
                    using var writer = WalWriter.Open(directory, WalSegments.CheckpointPathOf("wal", checkpoint));
                    writer.Append(WalTestLog.Record(1000 + i));
                }

                // Left over, with a hole: that does not count.
                missing = [.. missing, 1];
            }

            foreach (var number in missing) directory.Delete(WalSegments.PathOf("wal", number));
            var before = WalTestLog.Read(directory).Numbers;
            var faulty = new FaultyDataDirectory(directory) { KillAtChange = killAt };
            var isKilled = false;
            try
            {
                WalRepair.CloseHoles(faulty, "wal", 0).Select(damage => damage.Path)
                    .Should().Equal(beginnings.Select(number => WalSegments.PathOf("wal", number)));
            }
            catch (SimulatedCrashException)
            {
                isKilled = true;
            }

            WalTestLog.Read(directory).Numbers.Should().Equal(before);
            WalRepair.CloseHoles(directory, "wal", 0);
            WalTestLog.Read(directory).Numbers.Should().Equal(before);
            var left = 6 - checkpoint - missing.Count(number => number > checkpoint);
            WalSegments.List(directory, "wal").Select(segment => segment.Number).Where(n => n > checkpoint)
                .Should().Equal(Enumerable.Range(checkpoint + 1, left));
            if (!isKilled) return;
        }
    }

    [Fact]
    public void TryRead_ReadsZstdRecords_OrNamesWhatIsMissing()
    {
        // The zstd frame of "PromHost PromHost PromHost PromHost PromHost".
        var frame = Convert.FromBase64String("KLUv/SQsfQAASFByb21Ib3N0IAEASJYjdAhj1w==");
        var directory = _temporary.Open();
        directory.CreateDirectory("wal");
        var pages = new WalPageBuffer();
        pages.Add(frame, WalFormat.ZstdFlag);
        pages.Add("no frame"u8, WalFormat.ZstdFlag);
        pages.Add("plain"u8, 0);
        File.WriteAllBytes(_temporary.PathOf("wal/00000000"), pages.Pending.ToArray());
        using var reader = WalReader.Open(directory, "wal");
        if (ZstdDecoder.TryLoad() is null)
        {
            var act = () => reader.TryRead(out _);
            act.Should().Throw<WalCompressionException>();
            reader.Damages.Should().BeEmpty();
            return;
        }

        reader.TryRead(out var record).Should().BeTrue();
        System.Text.Encoding.ASCII.GetString(record).Should().Be("PromHost PromHost PromHost PromHost PromHost");
        reader.TryRead(out record).Should().BeTrue();
        record.ToArray().Should().Equal("plain"u8.ToArray());
        reader.TryRead(out _).Should().BeFalse();
        reader.Damages.Should().ContainSingle();
    }

    private TemporaryDirectory CopyLog()
    {
        var copy = new TemporaryDirectory();
        Directory.CreateDirectory(copy.PathOf("wal"));
        foreach (var file in Directory.EnumerateFiles(_temporary.PathOf("wal")))
            File.Copy(file, copy.PathOf($"wal/{Path.GetFileName(file)}"));
        return copy;
    }

    private static List<long> RecordEnds(IDataDirectory directory, int segment)
    {
        using var reader = new WalReader(directory, [new WalSegment(WalSegments.PathOf("wal", segment), segment)]);
        var ends = new List<long>();
        while (reader.TryRead(out _))
            ends.Add(reader.RecordEndBytes);
        return ends;
    }
}

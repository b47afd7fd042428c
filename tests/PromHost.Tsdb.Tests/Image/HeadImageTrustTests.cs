using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

/// <summary>When an image is used, and when it is not: then the head is the same, from the log alone.</summary>
public sealed class HeadImageTrustTests : IAsyncLifetime, IDisposable
{
    private readonly SimulatedDataDirectory _disk = new();
    private readonly HeadStory _story = new();
    private List<string> _picture = [];

    public async ValueTask InitializeAsync()
    {
        await using (var database = await HeadImageTests.OpenAsync(_disk))
        {
            database.Image!.SectionBytes = 2000;
            await _story.AppendAsync(database, 200);
            database.Image!.WriteNow();
            await _story.AppendAsync(database, 30);
        }

        var image = Read(HeadImageFormat.Path);
        _disk.Delete(HeadImageFormat.Path);
        await using (var database = await TestDatabase.OpenAsync(_disk)) _picture = HeadPicture.Of(database);
        Put(HeadImageFormat.Path, image);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task ReplayAsync_UsesTheImage_WhenNothingHasHappened() => await ShouldBeUsedAsync();

    [Fact]
    public async Task ReplayAsync_IgnoresTheImage_WhereverAByteIsWrong()
    {
        var image = Read(HeadImageFormat.Path);
        for (var offset = 0; offset < image.Length; offset += offset < 100 ? 1 : 397)
        {
            var damaged = (byte[])image.Clone();
            damaged[offset] ^= 0x10;
            Put(HeadImageFormat.Path, damaged);
            HeadImage.TryOpen(_disk, "wal", 7_200_000, out var problem).Should().BeNull($"byte {offset} is wrong");
            problem.Should().NotBeNull();
        }

        Put(HeadImageFormat.Path, [.. image.AsSpan(0, image.Length - 1), (byte)(image[^1] ^ 1)]);
        await ShouldBeIgnoredAsync();
    }

    [Fact]
    public async Task ReplayAsync_IgnoresTheImage_WhereverItIsCut()
    {
        var image = Read(HeadImageFormat.Path);
        for (var length = 0; length < image.Length; length += length < 100 ? 1 : 397)
        {
            Put(HeadImageFormat.Path, image.AsSpan(0, length));
            HeadImage.TryOpen(_disk, "wal", 7_200_000, out var problem).Should().BeNull($"it is cut to {length} bytes");
            problem.Should().NotBeNull();
        }

        Put(HeadImageFormat.Path, image.AsSpan(0, image.Length - 20));
        await ShouldBeIgnoredAsync();
    }

    [Fact]
    public async Task ReplayAsync_IgnoresTheImage_WhenItsLogIsShorter()
    {
        var segment = WalSegments.List(_disk, "wal")[0];
        var bytes = Read(segment.Path);
        Put(segment.Path, bytes.AsSpan(0, bytes.Length / 2));

        await OpenAsync(image => image.IsIgnored.Should().BeTrue());
    }

    [Fact]
    public async Task ReplayAsync_IgnoresTheImage_WhenItsLogIsAnotherOne()
    {
        var segment = WalSegments.List(_disk, "wal")[0];
        var bytes = Read(segment.Path);
        var end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0);
        bytes[end - 20] ^= 1;
        Put(segment.Path, bytes);

        await OpenAsync(image => image.IsIgnored.Should().BeTrue());
    }

    [Fact]
    public async Task ReplayAsync_IgnoresTheImage_WhenACheckpointWasWrittenSince()
    {
        _disk.CreateDirectory("wal/checkpoint.00000000");
        var segment = WalSegments.List(_disk, "wal")[0];
        Put("wal/checkpoint.00000000/00000000", Read(segment.Path));
        _disk.Delete(segment.Path);

        await ShouldBeIgnoredAsync();
    }

    [Fact]
    public async Task ReplayAsync_IgnoresTheImage_WhenAChunkIsMissing()
    {
        _disk.Delete("chunks_head/000001");

        await OpenAsync(image => image.IsIgnored.Should().BeTrue());
    }

    [Fact]
    public async Task ReplayAsync_IgnoresTheImage_WhenBlocksHaveAnotherLength() => await OpenAsync(
        image => image.IsIgnored.Should().BeTrue(),
        options => options with { BlockRange = TimeSpan.FromHours(1) });

    [Fact]
    public async Task ReplayAsync_ReadsWhatAnotherHasLogged_BehindTheImage()
    {
        var known = HeadStory.LabelsOf(1);
        ulong walRef;
        await using (var database = await TestDatabase.OpenAsync(_disk))
        {
            database.Head.Table.TryGet(known, out var series).Should().BeTrue();
            walRef = database.Head.Store.State(series).WalRef;
        }

        // As a Prometheus does it: in a new segment; a series that it had dropped gets another number.
        var added = TestDatabase.Series("added");
        using (var wal = WalWriter.Open(_disk, "wal"))
        {
            Log(wal, buffer => WalRecordEncoder.Encode(
                [new WalSeries(5000, added), new WalSeries(5001, known)], buffer));
            Log(wal, buffer => WalRecordEncoder.Encode(
                [
                    new WalSample(5000, 1_800_000_000_000, 1), new WalSample(walRef, 1_800_000_000_000, 2),
                    new WalSample(5001, 1_800_000_001_000, 3),
                ],
                buffer));
        }

        await using var again = await TestDatabase.OpenAsync(_disk);
        again.ImageReplay.Used.Should().NotBeNull();
        again.ReadAll()[added].Should().Equal((1_800_000_000_000, 1.0));
        again.ReadAll()[known].TakeLast(2).Should().Equal((1_800_000_000_000, 2.0), (1_800_000_001_000, 3.0));
        again.Head.OtherRefs.Should().Contain(other => other.OtherRef == 5001 && other.WalRef == walRef);
        again.Head.Table.LastWalRef.Should().Be(5001);
    }

    [Fact]
    public async Task ReplayAsync_ReadsWhatAnotherHasLogged_UnderANumberFromBeforeTheImage()
    {
        const long Minute = 60_000;
        const long Start = 1_700_006_400_000;
        using var disk = new SimulatedDataDirectory();
        var gone = TestDatabase.Series("gone");
        ulong older;
        await using (var database = await HeadImageTests.OpenAsync(disk))
        {
            await database.AppendAsync((gone, Start, 1.0));
            database.Head.Table.TryGet(gone, out var series).Should().BeTrue();
            older = database.Head.Store.State(series).WalRef;
            for (var t = 1; t < 240; t++)
                await database.AppendAsync((TestDatabase.Series("stays"), Start + (t * Minute), t));
            await database.Maintenance!.RunAsync();
            database.Head.Table.TryGet(gone, out _).Should().BeFalse();
            // It has another number now.
            await database.AppendAsync((gone, Start + (240 * Minute), 2.0));
        }

        // A Prometheus has read all of the log, and takes the first number for it.
        using (var wal = WalWriter.Open(disk, "wal"))
        {
            Log(wal, buffer => WalRecordEncoder.Encode([new WalMetadata(older, 1, "", "What is gone.")], buffer));
            Log(wal, buffer => WalRecordEncoder.Encode(
                [new WalTombstone(older, Start + (240 * Minute), Start + (240 * Minute))], buffer));
            Log(wal, buffer => WalRecordEncoder.Encode(
                [new WalSample(older, Start + (241 * Minute), 3), new WalSample(older + 1000, Start, 4)], buffer));
        }

        await using var again = await TestDatabase.OpenAsync(disk);
        again.ImageReplay.Used.Should().NotBeNull();
        again.ReadAll()[gone].Should().Equal((Start, 1.0), (Start + (241 * Minute), 3.0));
        again.Head.OtherRefs.Should().ContainSingle(other => other.OtherRef == older);
        again.GetMetadata().Should().ContainSingle().Which.Key.Should().Be("gone");
    }

    [Fact]
    public async Task ReplayAsync_LogsAgain_OnlyTheSeriesThatTheLogHasLost()
    {
        var before = LoggedSeries();
        var segment = WalSegments.List(_disk, "wal")[0];
        var bytes = Read(segment.Path);
        bytes[WalFormat.PageBytes + 100] ^= 1;
        Put(segment.Path, bytes);

        await using (var database = await HeadImageTests.OpenAsync(_disk))
            database.ImageReplay.Used.Should().NotBeNull();

        // A Prometheus forgets what it has read of a series where its record comes again.
        var after = LoggedSeries();
        after.Should().OnlyHaveUniqueItems().And.BeEquivalentTo(before).And.NotEqual(before);
    }

    [Fact]
    public async Task ReplayAsync_IgnoresTheImage_WhenABlockIsMissing()
    {
        var image = Read(HeadImageFormat.Path);
        await using (var database = await HeadImageTests.OpenAsync(_disk))
        {
            // Enough for a block.
            await _story.AppendAsync(database, 900);
            await database.CompactAsync();
            database.Head.MinValidTimeMs.Should().BePositive();
            await _story.AppendAsync(database, 10);
        }

        await using (var database = await TestDatabase.OpenAsync(_disk))
            database.ImageReplay.Used.Should().NotBeNull();
        image.Should().NotEqual(Read(HeadImageFormat.Path));
        foreach (var block in _disk.List("").Where(name => name.Length == 26)) _disk.Delete(block);

        await OpenAsync(replay => replay.IsIgnored.Should().BeTrue());
    }

    [Fact]
    public async Task ReplayAsync_LeavesOut_WhatHasGoneToABlockSince()
    {
        List<string> picture;
        var directory = new FaultyDataDirectory(_disk);
        var database = await HeadImageTests.OpenAsync(directory);
        await _story.AppendAsync(database, 400);
        database.Image!.WriteNow();
        await _story.AppendAsync(database, 500);
        await database.CompactAsync();
        database.Head.MinValidTimeMs.Should().BePositive();
        WalSegments.LastCheckpoint(_disk, "wal").Should().Be(-1, "the log is too short for one");
        await HeadImageTests.KillAsync(database, directory);
        _disk.Kill();
        var image = Read(HeadImageFormat.Path);
        _disk.Delete(HeadImageFormat.Path);
        await using (var without = await TestDatabase.OpenAsync(_disk)) picture = HeadPicture.Of(without);
        Put(HeadImageFormat.Path, image);

        await using var with = await TestDatabase.OpenAsync(_disk);

        with.ImageReplay.Used.Should().NotBeNull();
        HeadPicture.Of(with).ShouldShow(picture);
    }

    private static void Log(WalWriter wal, Action<ByteWriter> encode)
    {
        using var buffer = new ByteWriter();
        encode(buffer);
        wal.Append(buffer.WrittenSpan);
        wal.Flush();
    }

    private List<ulong> LoggedSeries()
    {
        var numbers = new List<ulong>();
        using var reader = WalReader.Open(_disk, "wal");
        while (reader.TryRead(out var record))
        {
            var entries = new WalEntries(record);
            if (WalRecordDecoder.TypeOf(record) != WalRecordType.Series) continue;
            while (entries.MoveNext()) numbers.Add(entries.Ref);
        }

        return numbers;
    }

    private Task ShouldBeUsedAsync() => ShouldBeAsync(isUsed: true);

    private Task ShouldBeIgnoredAsync() => ShouldBeAsync(isUsed: false);

    private async Task ShouldBeAsync(bool isUsed)
    {
        await using var database = await TestDatabase.OpenAsync(_disk);
        (database.ImageReplay.Used is not null).Should().Be(isUsed);
        database.ImageReplay.IsIgnored.Should().Be(!isUsed);
        HeadPicture.Of(database).ShouldShow(_picture);
    }

    private async Task OpenAsync(
        Action<HeadImageReplay> check, Func<DatabaseOptions, DatabaseOptions>? with = null)
    {
        await using var database = await TestDatabase.OpenAsync(_disk, with);
        check(database.ImageReplay);
    }

    // Reads a file.
    private byte[] Read(string path)
    {
        using var file = _disk.OpenRead(path);
        var bytes = new byte[file.Length];
        file.ReadFully(bytes, 0);
        return bytes;
    }

    private void Put(string path, ReadOnlySpan<byte> bytes)
    {
        _disk.Delete(path);
        using var file = _disk.Create(path);
        file.Write(bytes, 0);
    }
}

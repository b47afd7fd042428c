using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>Directories as other writers leave them.</summary>
public sealed class HeadReplayTests : IDisposable
{
    private static readonly Labels Up = TestDatabase.Series("up");
    private static readonly Labels Down = TestDatabase.Series("down");
    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task ReplayAsync_JoinsNumbersOfTheSameLabels_AndNeverGivesANumberAgain()
    {
        WriteLog(wal =>
        {
            Log(wal, [new WalSeries(3_000_000_000, Up), new WalSeries(7, Down)]);
            Log(wal, [new WalSample(3_000_000_000, 1, 1), new WalSample(7, 1, 10), new WalSample(99, 1, 1)]);
            Log(wal, [new WalSeries(9, Up)]);
            Log(wal, [new WalSample(9, 2, 2), new WalSample(3_000_000_000, 2, 5), new WalSample(9, 3, 3)]);
        });
        await using (var database = await TestDatabase.OpenAsync(_root.Open()))
        {
            database.ReadAll()[Up].Should().Equal((1, 1.0), (2, 2.0), (3, 3.0));
            database.ReadAll()[Down].Should().Equal((1, 10.0));
            await database.AppendAsync((Up, 4, 4), (TestDatabase.Series("new"), 4, 4));
        }

        using (var reader = WalReader.Open(_root.Open(), "wal"))
        {
            var decoder = new WalRecordDecoder();
            var series = new List<WalSeries>();
            while (reader.TryRead(out var record))
            {
                if (WalRecordDecoder.TypeOf(record) == WalRecordType.Series)
                    decoder.TryDecodeSeries(record, series).Should().BeTrue();
            }

            series[^1].Should().Be(new WalSeries(3_000_000_001, TestDatabase.Series("new")));
        }

        await using var reopened = await TestDatabase.OpenAsync(_root.Open());
        reopened.ReadAll()[Up].Should().HaveCount(4);
    }

    [Fact]
    public async Task ReplayAsync_AppliesNoSampleTwice_WhenItIsInAMappedChunk()
    {
        await using (var database = await TestDatabase.OpenAsync(_root.Open()))
        {
            for (var t = 1; t <= 1000; t++) await database.AppendAsync((Up, t * 1000, t));
        }

        await using (var database = await TestDatabase.OpenAsync(_root.Open()))
        {
            database.ReadAll()[Up].Should().HaveCount(1000);
            database.Head.FullChunks.Written.Should().Be(0);
        }

        // Without the chunk files the log has everything.
        Directory.Delete(_root.PathOf("chunks_head"), recursive: true);
        await using var again = await TestDatabase.OpenAsync(_root.Open());
        again.ReadAll()[Up].Should().HaveCount(1000);
        again.Head.FullChunks.Written.Should().BePositive();
    }

    [Fact]
    public async Task ReplayAsync_KnowsTheLastValue_WhenOnlyMappedChunksHaveIt()
    {
        WriteLog(wal => Log(wal, [new WalSeries(5, Up)]));
        using (var files = HeadChunkFiles.Open(_root.Open()))
        {
            files.ForEach((ChunkDiskRef _, in HeadChunkHeader _, ReadOnlySpan<byte> _) => { });
            var buffer = new byte[256];
            var encoder = XorChunkEncoder.Start(buffer);
            for (var t = 1; t <= 10; t++) encoder.Append(buffer, t * 1000, t);
            files.Write(5, 1000, 10_000, ChunkEncoding.Xor, buffer.AsSpan(0, encoder.LengthBytes));
        }

        await using var database = await TestDatabase.OpenAsync(_root.Open());
        database.ReadAll()[Up].Should().HaveCount(10);
        var report = await database.AppendAsync((Up, 10_000, 10), (Up, 10_000, 11), (Up, 11_000, 12));
        report.AlreadyStored.Should().Be(1);
        report.Rejected.Should().ContainSingle().Which.Existing.Should().Be(new FloatSample(10_000, 10));
        database.ReadAll()[Up].Should().HaveCount(11);
    }

    [Fact]
    public async Task ReadSamples_SaysWhichSeries_WhenAChunkIsDamaged()
    {
        await using (var database = await TestDatabase.OpenAsync(_root.Open()))
        {
            for (var t = 1; t <= 500; t++) await database.AppendAsync((Up, t * 1000, t));
        }

        await using var reopened = await TestDatabase.OpenAsync(_root.Open());
        var file = _root.PathOf("chunks_head/000001");
        await using (var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            stream.Position = 60;
            stream.WriteByte(0xAA);
        }

        reopened.Invoking(d => d.ReadAll()).Should().Throw<StorageReadException>().WithMessage("*__name__=\"up\"*");
    }

    public void Dispose() => _root.Dispose();

    private static void Log(WalWriter wal, ReadOnlySpan<WalSeries> series)
    {
        using var buffer = new ByteWriter();
        WalRecordEncoder.Encode(series, buffer);
        wal.Append(buffer.WrittenSpan);
    }

    private static void Log(WalWriter wal, ReadOnlySpan<WalSample> samples)
    {
        using var buffer = new ByteWriter();
        WalRecordEncoder.Encode(samples, buffer);
        wal.Append(buffer.WrittenSpan);
    }

    private void WriteLog(Action<WalWriter> write)
    {
        using var wal = WalWriter.Open(_root.Open(), "wal");
        write(wal);
    }
}

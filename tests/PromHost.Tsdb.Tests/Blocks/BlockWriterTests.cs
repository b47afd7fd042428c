using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class BlockWriterTests : IDisposable
{
    private static readonly BlockWriteOptions TwoHours = new() { MinTimeMs = 0, MaxTimeMs = 7_200_000 };

    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Write_MakesABlock_AndDescribesIt()
    {
        var parent = new BlockParent(new Ulid(1, 2), -5, 6);
        var options = TwoHours with
        {
            Level = 3,
            Sources = [new Ulid(9, 9), new Ulid(1, 1), new Ulid(9, 9)],
            Parents = [parent],
            Hints = [BlockCompaction.FromStaleSeries, BlockCompaction.FromOutOfOrder],
        };

        var meta = Write(_temporary.Open(), ListedSeries.Many(1000, 200), options)!;

        meta.Stats.Should().Be(new BlockStats(200_000, 1000, 2000) { FloatSamples = 200_000 });
        meta.Compaction.Sources.Should().Equal(new Ulid(1, 1), new Ulid(9, 9));
        meta.Compaction.Parents.Should().Equal(parent);
        meta.Compaction.Hints.Should().Equal(BlockCompaction.FromOutOfOrder, BlockCompaction.FromStaleSeries);
        BlockMetaFile.Read(_temporary.Open(), $"{meta.Id}/meta.json").Should().BeEquivalentTo(meta);
        _temporary.Open().List("").Should().Equal(meta.Id.ToString());
        _temporary.Open().List(meta.Id.ToString())
            .Should().BeEquivalentTo("chunks", "index", "meta.json", "tombstones");
    }

    [Fact]
    public void Write_NamesTheBlockAsItsOwnSource_WhenNoneAreGiven()
    {
        var meta = Write(_temporary.Open(), ListedSeries.Many(1, 1), TwoHours)!;

        meta.Compaction.Sources.Should().Equal(meta.Id);
        meta.Compaction.Level.Should().Be(1);
    }

    [Fact]
    public void Write_GivesNoBlock_WhenThereIsNoSample()
    {
        Write(_temporary.Open(), [], TwoHours).Should().BeNull();

        _temporary.Open().List("").Should().BeEmpty();
    }

    [Fact]
    public void Write_LeavesNothing_WhenTheSourceFails()
    {
        var source = new ListedSeries(ListedSeries.Many(50, 10)) { FailAt = 30 };

        var act = () => Writer(_temporary.Open()).Write(source, TwoHours, default);

        act.Should().Throw<StorageReadException>();
        _temporary.Open().List("").Should().BeEmpty();
    }

    [Fact]
    public void Write_LeavesNothing_WhenItIsCancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var options = TwoHours with { Pause = cancellation.Cancel };

        var act = () => Writer(_temporary.Open()).Write(
            new ListedSeries(ListedSeries.Many(1000, 10)), options, cancellation.Token);

        act.Should().Throw<OperationCanceledException>();
        _temporary.Open().List("").Should().BeEmpty();
    }

    [Fact]
    public void Write_Pauses_BetweenSymbolsAndSeriesAndPostings()
    {
        var path = "";
        var sizes = new List<(long Index, long Chunks)>();
        var faulty = new FaultyDataDirectory(_temporary.Open())
        {
            BeforeCreate = created => path = created.EndsWith("/index", StringComparison.Ordinal) ? created : path,
        };
        var options = TwoHours with
        {
            Pause = () =>
            {
                var chunks = new FileInfo(_temporary.PathOf(path.Replace("index", "chunks/000001")));
                sizes.Add((new FileInfo(_temporary.PathOf(path)).Length, chunks.Exists ? chunks.Length : 0));
            },
        };

        Write(faulty, ListedSeries.Many(10_000, 30), options).Should().NotBeNull();

        sizes.Count(size => size == (0, 0)).Should().Be(2, "10,000 symbols are written");
        sizes.Count(size => size is ( > 0, 0)).Should().BeGreaterThanOrEqualTo(2, "they are read");
        var chunksEnd = sizes.Max(size => size.Chunks);
        sizes.Count(size => size.Chunks > 0 && size.Chunks < chunksEnd).Should().BeGreaterThan(10);
        sizes.Count(size => size.Chunks == chunksEnd).Should().BeGreaterThan(10, "there are 10,000 lists");
    }

    [Fact]
    public void Write_LeavesNothing_WhereverThePauseFails()
    {
        var series = ListedSeries.Many(5000, 1);
        var whole = 0;
        Write(_temporary.Open(), series, TwoHours with { Pause = () => whole++ });
        whole.Should().BeGreaterThan(30);
        var before = _temporary.Open().List("");

        for (var failing = 1; failing <= whole; failing++)
        {
            var pauses = 0;
            var options = TwoHours with
            {
                Pause = () =>
                {
                    if (++pauses == failing) throw new IOException("the pause failed");
                },
            };
            var act = () => Write(_temporary.Open(), series, options);
            act.Should().Throw<IOException>().WithMessage("the pause failed");
            _temporary.Open().List("").Should().BeEquivalentTo(before);
        }
    }

    [Fact]
    public void Write_LeavesNothing_WhenAChunkIsEmpty()
    {
        var act = () => Write(
            _temporary.Open(),
            [(Labels.FromPairs(("a", "b")), [new EncodedChunk(1, 2, 1, new byte[] { 0, 0 })])],
            TwoHours);

        act.Should().Throw<CorruptDataException>().WithMessage("*no sample*");
        _temporary.Open().List("").Should().BeEmpty();
    }

    [Fact]
    public void Write_LeavesNothing_WhereverTheDiskIsFull()
    {
        for (long free = 0; ; free += 1777)
        {
            using var temporary = new TemporaryDirectory();
            var faulty = new FaultyDataDirectory(temporary.Open()) { FreeBytes = free };
            try
            {
                Write(faulty, ListedSeries.Many(60, 10), TwoHours);
                free.Should().BeGreaterThan(10_000);
                return;
            }
            catch (DiskFullException)
            {
                temporary.Open().List("").Should().BeEmpty();
            }
        }
    }

    [Fact]
    public void Write_LeavesNothing_WhenASyncFails()
    {
        var faulty = new FaultyDataDirectory(_temporary.Open()) { FailSyncs = true };

        var act = () => Write(faulty, ListedSeries.Many(60, 10), TwoHours);

        act.Should().Throw<IOException>();
        _temporary.Open().List("").Should().BeEmpty();
    }

    [Fact]
    public void Write_LeavesAWholeBlockOrOneThatAStartRemoves_WhereverItIsKilled()
    {
        using var whole = new TemporaryDirectory();
        var expected = Write(whole.Open(), ListedSeries.Many(60, 10), TwoHours)!;
        for (var killAt = 1; ; killAt++)
        {
            using var temporary = new TemporaryDirectory();
            var faulty = new FaultyDataDirectory(temporary.Open()) { KillAtChange = killAt };
            var isKilled = false;
            try
            {
                Write(faulty, ListedSeries.Many(60, 10), TwoHours);
            }
            catch (SimulatedCrashException)
            {
                isKilled = true;
            }

            var damages = new DamageLedger(NullLogger.Instance, TimeProvider.System);
            var load = new BlockLoad(temporary.Open(), new BlockCacheBudget(0), damages, NullLogger.Instance);
            foreach (var block in load.Run()) block.Dispose();
            load.UnreadableCount.Should().Be(0, "killed at {0}", killAt);
            foreach (var name in temporary.Open().List(""))
            {
                name.Should().Be(expected.Id.ToString());
                foreach (var file in (string[])["index", "chunks/000001", "meta.json", "tombstones"])
                {
                    File.ReadAllBytes(temporary.PathOf($"{name}/{file}")).Should().Equal(
                        File.ReadAllBytes(whole.PathOf($"{name}/{file}")), "killed at {0}", killAt);
                }
            }

            if (isKilled) continue;
            temporary.Open().List("").Should().ContainSingle();
            killAt.Should().BeGreaterThan(15);
            return;
        }
    }

    private static BlockWriter Writer(IDataDirectory directory) =>
        new(directory, new FixedTimeProvider(1_700_000_000_000), new Random(1));

    private static BlockMeta? Write(
        IDataDirectory directory, List<(Labels, List<EncodedChunk>)> series, BlockWriteOptions options) =>
        Writer(directory).Write(new ListedSeries(series), options, default);
}

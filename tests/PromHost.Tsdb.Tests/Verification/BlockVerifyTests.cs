using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class BlockVerifyTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Run_FindsNothing_InABlockOfPrometheus()
    {
        GoldenBlock.CopyTo(_temporary.Path);

        Verify(GoldenBlock.Name).Should().BeEmpty();
    }

    [Fact]
    public void Run_FindsFlippedBits_InTheIndexOfPrometheus()
    {
        GoldenBlock.CopyTo(_temporary.Path);
        var path = _temporary.PathOf($"{GoldenBlock.Name}/index");
        var whole = File.ReadAllBytes(path);
        for (var i = 0; i < whole.Length * 8; i += 61)
        {
            var flipped = (byte[])whole.Clone();
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(path, flipped);

            Verify(GoldenBlock.Name).Should().NotBeEmpty("bit {0} is flipped", i);
        }
    }

    [Fact]
    public void Run_FindsNothing_InABlockOfOurs()
    {
        var name = Write(ListedSeries.Many(500, 300)).Id.ToString();

        Verify(name).Should().BeEmpty();
    }

    [Theory]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    [InlineData("tombstones")]
    public void Run_FindsFlippedBits_AndNamesTheFile(string file)
    {
        var name = Write(ListedSeries.Many(7, 5)).Id.ToString();
        var path = _temporary.PathOf($"{name}/{file}");
        var whole = File.ReadAllBytes(path);
        // Bit 32 is passed over: version 3 of the index is laid out as version 2.
        for (var i = 0; i < whole.Length * 8; i += 13)
        {
            var flipped = (byte[])whole.Clone();
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(path, flipped);

            Verify(name).Should().Contain(problem => problem.Path == $"{name}/{file}", "bit {0} is flipped", i);
        }
    }

    [Theory]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    [InlineData("meta.json")]
    public void Run_FindsEveryCut_AndMissingFiles(string file)
    {
        var name = Write(ListedSeries.Many(12, 5)).Id.ToString();
        var path = _temporary.PathOf($"{name}/{file}");
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length += 3)
        {
            File.WriteAllBytes(path, whole[..length]);
            Verify(name).Should().NotBeEmpty("cut at {0}", length);
        }

        File.Delete(path);
        Verify(name).Should().NotBeEmpty();
    }

    [Fact]
    public void Run_ThrowsNothing_WhateverTheBytesAre()
    {
        var name = Write(ListedSeries.Many(30, 20)).Id.ToString();
        var random = new Random(1);
        foreach (var file in (string[])["index", "chunks/000001", "meta.json", "tombstones"])
        {
            var path = _temporary.PathOf($"{name}/{file}");
            var whole = File.ReadAllBytes(path);
            for (var round = 0; round < 400; round++)
            {
                var bytes = (byte[])whole.Clone();
                for (var i = random.Next(1, 20); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                File.WriteAllBytes(path, bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)]);
                Verify(name);
            }

            File.WriteAllBytes(path, whole);
        }
    }

    [Fact]
    public void Run_Says_WhenMetaCountsOtherThings()
    {
        var meta = Write(ListedSeries.Many(10, 5));
        var wrong = meta with { Id = new Ulid(1, 1), Stats = meta.Stats with { Samples = 51, Tombstones = 3 } };
        BlockMetaFile.Write(_temporary.Open(), $"{meta.Id}/meta.json", wrong);

        Messages(meta.Id.ToString()).Should().BeEquivalentTo(
            $"it describes the block {new Ulid(1, 1)}",
            "it counts 51 samples, the block holds 50",
            "it holds 0 intervals, meta.json counts 3");
    }

    [Fact]
    public void Run_Says_WhenTombstonesNameUnknownSeries()
    {
        var meta = Write(ListedSeries.Many(10, 5));
        var builder = new TombstonesBuilder();
        builder.Add(1_000_000, new TimeInterval(1, 2));
        TombstonesFile.Write(_temporary.Open(), $"{meta.Id}/tombstones", builder.Build());
        BlockMetaFile.Write(
            _temporary.Open(), $"{meta.Id}/meta.json", meta with { Stats = meta.Stats with { Tombstones = 1 } });

        Messages(meta.Id.ToString()).Should().Equal("there is no series 1000000");
    }

    [Fact]
    public void Run_Says_WhenChunksAreNotWhatTheIndexSays()
    {
        var chunk = ListedSeries.Chunks([new FloatSample(10, 1), new FloatSample(20, 2)])[0];
        var unsorted = ListedSeries.Chunks([new FloatSample(30, 1), new FloatSample(20, 2), new FloatSample(40, 2)])[0];
        var meta = Write(
        [
            (Labels.FromPairs(("a", "1")), [chunk with { MinTimeMs = 11 }]),
            (Labels.FromPairs(("a", "2")), [chunk with { Encoding = ChunkEncoding.Histogram }]),
            (Labels.FromPairs(("a", "3")), [unsorted]),
        ]);

        Messages(meta.Id.ToString()).Should().SatisfyRespectively(
            message => message.Should().Contain("holds samples from 10 to 20, the index says 11 to 20"),
            message => message.Should().Contain("(encoding 2) cannot be decoded"),
            message => message.Should().Contain("the timestamps do not ascend at 20"));
    }

    [Fact]
    public void Run_CallsUnusual_WhatPrometheusAccepts()
    {
        var first = ListedSeries.Chunks([new FloatSample(10, 1), new FloatSample(20, 2)])[0];
        var second = ListedSeries.Chunks([new FloatSample(15, 1), new FloatSample(40, 2)])[0];
        var outside = ListedSeries.Chunks([new FloatSample(50, 1), new FloatSample(100, 2)])[0];
        var name = ForeignBlock.Write(
            _temporary.Open(),
            new TimeInterval(0, 100),
            (Labels.FromPairs(("a", "1")), [first, second]),
            (Labels.FromPairs(("a", "2")), [second, first]),
            (Labels.FromPairs(("a", "3")), [first with { MinTimeMs = 9 }, outside]));

        var problems = new ProblemList();
        BlockVerify.Run(_temporary.Open(), name, problems, TestContext.Current.CancellationToken);
        problems.Problems.Should().BeEmpty();
        problems.Notes.Select(note => note.Message).Should().SatisfyRespectively(
            message => message.Should().Be("the chunks of a series overlap or go back in time at 15"),
            message => message.Should().Be("the chunks of a series overlap or go back in time at 10"),
            message => message.Should().Contain("holds samples from 10 to 20, the index says 9 to 20"),
            message => message.Should().Be("a chunk from 50 to 100 lies outside of the block"));
        problems.NoteCount.Should().Be(4);
    }

    [Fact]
    public void Run_GoesOn_BehindADamagedChunk()
    {
        var meta = Write(ListedSeries.Many(10, 480));
        var path = _temporary.PathOf($"{meta.Id}/chunks/000001");
        var bytes = File.ReadAllBytes(path);
        bytes[100] ^= 1;
        bytes[bytes.Length / 2] ^= 1;
        bytes[^10] ^= 1;
        File.WriteAllBytes(path, bytes);

        Messages(meta.Id.ToString()).Should().Equal(Enumerable.Repeat("a chunk's checksum does not match", 3));
    }

    [Theory]
    [InlineData("unknown series", "and is not there")]
    [InlineData("other series", "which it lacks")]
    [InlineData("unknown value", "is not among the symbols")]
    [InlineData("order", "do not ascend")]
    public void Run_Says_WhenPostingsLie(string how, string expected)
    {
        var meta = Write(ListedSeries.Many(200, 1));
        var path = _temporary.PathOf($"{meta.Id}/index");
        var forged = new ForgedIndex(File.ReadAllBytes(path));
        switch (how)
        {
            case "unknown series":
                forged.ChangePostings("job", "node", list => list[1] = list[0] + 1);
                break;
            case "other series":
                var other = forged.Postings("device", "dev2")[3];
                forged.ChangePostings(
                    "device", "dev1", list => list[Array.FindIndex(list, one => one > other)] = other);
                break;
            case "unknown value":
                forged.ChangeNameOfEntry("device", "dev1", "devX");
                break;
            case "order":
                forged.ChangePostings("job", "node", list => (list[3], list[4]) = (list[4], list[3]));
                break;
        }

        File.WriteAllBytes(path, forged.Bytes);

        Messages(meta.Id.ToString()).Should().Contain(message => message.Contains(expected));
    }

    private BlockMeta Write(List<(Labels, List<EncodedChunk>)> series) =>
        new BlockWriter(_temporary.Open(), new FixedTimeProvider(1_700_000_000_000), new Random(1)).Write(
            new ListedSeries(series), new BlockWriteOptions { MinTimeMs = 0, MaxTimeMs = 7_200_000 }, default)!;

    private IEnumerable<string> Messages(string name) => Verify(name).Select(problem => problem.Message);

    private IReadOnlyList<Problem> Verify(string name)
    {
        var problems = new ProblemList();
        BlockVerify.Run(_temporary.Open(), name, problems, TestContext.Current.CancellationToken);
        return problems.Problems;
    }
}

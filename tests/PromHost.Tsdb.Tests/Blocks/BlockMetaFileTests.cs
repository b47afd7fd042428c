using System.Text;
using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

public sealed class BlockMetaFileTests : IDisposable
{
    private const string Full = """
        {
        	"ulid": "01M7Z0CHTJ7TENGE3YDNPCYYCS",
        	"minTime": -7200000,
        	"maxTime": 7200000,
        	"stats": {
        		"numSamples": 30,
        		"numFloatSamples": 20,
        		"numHistogramSamples": 10,
        		"numSeries": 4,
        		"numChunks": 5,
        		"numTombstones": 6
        	},
        	"compaction": {
        		"level": 2,
        		"sources": [
        			"01M7Z0CHTJ7TENGE3YDNPCYYC0",
        			"01M7Z0CHTJ7TENGE3YDNPCYYC1"
        		],
        		"deletable": true,
        		"parents": [
        			{
        				"ulid": "01M7Z0CHTJ7TENGE3YDNPCYYC0",
        				"minTime": -7200000,
        				"maxTime": 0
        			}
        		],
        		"failed": true,
        		"hints": [
        			"from-out-of-order",
        			"from-stale-series"
        		]
        	},
        	"version": 1
        }
        """;

    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Write_MakesTheBytesThatWereRead()
    {
        var text = Full.ReplaceLineEndings("\n");

        var meta = Read(text);

        Encoding.UTF8.GetString(BlockMetaFile.Encode(meta).Span).Should().Be(text);
        meta.MinTimeMs.Should().Be(-7200000);
        meta.Stats.Should().Be(new BlockStats(30, 4, 5)
        {
            FloatSamples = 20,
            HistogramSamples = 10,
            Tombstones = 6,
        });
        meta.Compaction.HasHint(BlockCompaction.FromStaleSeries).Should().BeTrue();
        meta.Compaction.HasHint(BlockCompaction.FromSelectedSeries).Should().BeFalse();
    }

    [Fact]
    public void Write_LeavesOutWhatIsEmpty_AsPrometheusDoes()
    {
        var id = Read(Full).Id;
        var directory = _temporary.Open();

        BlockMetaFile.Write(directory, "meta.json", new BlockMeta { Id = id, MinTimeMs = 1, MaxTimeMs = 2 });

        File.ReadAllText(_temporary.PathOf("meta.json")).Should().Be(
            "{\n\t\"ulid\": \"01M7Z0CHTJ7TENGE3YDNPCYYCS\",\n\t\"minTime\": 1,\n\t\"maxTime\": 2,\n\t\"stats\": {},\n" +
            "\t\"compaction\": {\n\t\t\"level\": 1\n\t},\n\t\"version\": 1\n}");
        directory.List("").Should().BeEquivalentTo("meta.json", "01X");
    }

    [Fact]
    public void Read_PassesOverUnknownAndMissingFields()
    {
        var meta = Read(
            """{"version":1,"ulid":"01M7Z0CHTJ7TENGE3YDNPCYYCS","minTime":1,"maxTime":2,"thanos":{"labels":{}}}""");

        meta.Should().BeEquivalentTo(new { MinTimeMs = 1L, MaxTimeMs = 2L, Stats = new BlockStats(0, 0, 0) });
        meta.Compaction.Sources.Should().BeEmpty();
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{\"version\":1", "not JSON")]
    [InlineData("[]", "not the description of a block")]
    [InlineData("{}", "not the description of a block")]
    [InlineData("""{"version":2}""", "version 2 is unknown")]
    [InlineData("""{"version":"1"}""", "not the description of a block")]
    [InlineData("""{"version":1,"ulid":"x"}""", "\"x\" is no ULID")]
    [InlineData("""{"version":1,"ulid":3}""", "not the description of a block")]
    [InlineData("""{"version":1,"ulid":"01M7Z0CHTJ7TENGE3YDNPCYYCS","minTime":1.5}""", "not the description")]
    public void Read_NamesTheFile_WhenItIsDamaged(string text, string problem)
    {
        var act = () => Read(text);

        act.Should().Throw<CorruptDataException>().WithMessage($"01X/meta.json: offset *{problem}*");
    }

    [Fact]
    public void Read_NeverThrowsAnythingElse_WhateverTheBytesAre()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Full);
            for (var i = 0; i < 3; i++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Read(bytes);
            }
            catch (CorruptDataException)
            {
            }
        }
    }

    [Fact]
    public void Write_LeavesTheOldOrTheNewFile_WhereverItIsKilled()
    {
        var before = Read(Full);
        var after = before with { MaxTimeMs = 99 };
        for (var killAt = 1; ; killAt++)
        {
            using var temporary = new TemporaryDirectory();
            BlockMetaFile.Write(temporary.Open(), "meta.json", before);
            try
            {
                BlockMetaFile.Write(
                    new FaultyDataDirectory(temporary.Open()) { KillAtChange = killAt }, "meta.json", after);
                BlockMetaFile.Read(temporary.Open(), "meta.json").MaxTimeMs.Should().Be(99);
                killAt.Should().BeGreaterThan(4);
                return;
            }
            catch (SimulatedCrashException)
            {
                BlockMetaFile.Read(temporary.Open(), "meta.json").MaxTimeMs.Should().BeOneOf(7200000, 99);
            }

            BlockMetaFile.Write(temporary.Open(), "meta.json", after);
            temporary.Open().List("").Should().Equal("meta.json");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_LeavesTheOldFileAlone_WhenTheDiskIsFullOrFails(bool isFull)
    {
        var before = Read(Full);
        BlockMetaFile.Write(_temporary.Open(), "01X/meta.json", before);
        var faulty = new FaultyDataDirectory(_temporary.Open()) { FreeBytes = isFull ? 10 : long.MaxValue };
        faulty.FailSyncs = !isFull;

        var act = () => BlockMetaFile.Write(faulty, "01X/meta.json", before with { MaxTimeMs = 99 });

        act.Should().Throw<IOException>();
        _temporary.Open().List("01X").Should().Equal("meta.json");
        BlockMetaFile.Read(_temporary.Open(), "01X/meta.json").MaxTimeMs.Should().Be(7200000);
    }

    private BlockMeta Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private BlockMeta Read(byte[] bytes)
    {
        Directory.CreateDirectory(_temporary.PathOf("01X"));
        File.WriteAllBytes(_temporary.PathOf("01X/meta.json"), bytes);
        return BlockMetaFile.Read(_temporary.Open(), "01X/meta.json");
    }
}

using System.Text;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class IndexReaderTests : IDisposable
{
    private const string IndexPath = GoldenBlock.Name + "/index";
    private const string ChunksPath = GoldenBlock.Name + "/chunks";

    private readonly TemporaryDirectory _folder = new();
    private readonly DataDirectory _directory;

    public IndexReaderTests()
    {
        GoldenBlock.CopyTo(_folder.Path);
        _directory = _folder.Open();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadLabels_GivesAllSeriesInOrder_OfABlockOfPrometheus()
    {
        using var index = IndexReader.Open(_directory, IndexPath);
        var all = AllOf(index);
        var labels = new List<Labels>();
        foreach (var series in all) labels.Add(index.ReadLabels(series, index.ReadSeries(series), out _));
        labels.Should().Equal(GoldenBlock.Expected.Select(series => series.Labels));
        all.Max().Should().BeLessThan(index.SeriesEnd);
    }

    [Fact]
    public void SeriesChunkReader_AndSegments_GiveAllSamples_OfABlockOfPrometheus()
    {
        using var index = IndexReader.Open(_directory, IndexPath);
        using var segments = ChunkSegmentReader.Open(_directory, ChunksPath);
        var all = AllOf(index);
        for (var i = 0; i < all.Length; i++)
        {
            var entry = index.ReadSeries(all[i]);
            index.ReadLabels(all[i], entry, out var list);
            index.SkipLabels(all[i], entry).Should().Be(list);
            var chunks = new SeriesChunkReader(entry[list..]);
            var columns = new SampleColumns();
            while (chunks.MoveNext())
            {
                var data = segments.Read(chunks.Current.Reference, out var encoding);
                segments.ReadMemory(chunks.Current.Reference, out _).Span.SequenceEqual(data).Should().BeTrue();
                var before = columns.Count;
                ChunkColumns.TryAppend(encoding, data, long.MinValue, long.MaxValue, columns).Should().BeTrue();
                columns.TimestampsMs[before].Should().Be(chunks.Current.MinTimeMs);
                columns.TimestampsMs[^1].Should().Be(chunks.Current.MaxTimeMs);
            }

            chunks.IsCorrupt.Should().BeFalse();
            columns.TimestampsMs.ToArray().Zip(columns.Values.ToArray())
                .Should().Equal(GoldenBlock.Expected[i].Samples);
        }
    }

    [Fact]
    public void Postings_HoldEveryNameAndValue_AndOnlyThose()
    {
        using var index = IndexReader.Open(_directory, IndexPath);
        index.Postings.Names.Select(name => Encoding.UTF8.GetString(name.Utf8))
            .Should().Equal("__name__", "code", "instance", "job", "place", "zone");
        index.Postings.TryFindName("instanc"u8, out _).Should().BeFalse();
        index.Postings.TryFindName("zz"u8, out _).Should().BeFalse();
        foreach (var name in index.Postings.Names)
        {
            var text = Encoding.UTF8.GetString(name.Utf8);
            index.Postings.TryFindName(name.Utf8, out var found).Should().BeTrue();
            found.Should().BeSameAs(name);
            var expected = GoldenBlock.Expected.Select(series => series.Labels.GetString(text)).OfType<string>()
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            name.ValueCount.Should().Be(expected.Count);
            var values = new List<string>();
            var walk = index.Postings.Values(name);
            while (walk.MoveNext())
            {
                var value = Encoding.UTF8.GetString(walk.Value);
                values.Add(value);
                index.Postings.TryFind(name, walk.Value, out var postings).Should().BeTrue();
                postings.Should().Be(walk.Postings);
                var utf8 = Encoding.UTF8.GetBytes(value);
                ToArray(index, index.Postings.Check(postings)).Should().Equal(AllOf(index).Where(
                    (_, i) => GoldenBlock.Expected[i].Labels.Get(name.Utf8).SequenceEqual(utf8)));
                index.Postings.TryFind(name, Encoding.UTF8.GetBytes(value + "!"), out _).Should().BeFalse();
            }

            values.Should().Equal(expected);
            index.Postings.TryFind(name, default, out _).Should().BeFalse();
        }
    }

    [Fact]
    public void Symbols_AreAllNamesAndValues_Ascending()
    {
        using var index = IndexReader.Open(_directory, IndexPath);
        // Prometheus keeps the empty string for the postings of all series.
        var expected = new SortedSet<string>(StringComparer.Ordinal) { "" };
        foreach (var (labels, _) in GoldenBlock.Expected)
        {
            foreach (var label in labels)
            {
                expected.Add(Encoding.UTF8.GetString(label.Name));
                expected.Add(Encoding.UTF8.GetString(label.Value));
            }
        }

        index.Symbols.All().Select(symbol => Encoding.UTF8.GetString(symbol.Span)).Should().Equal(expected);
        Enumerable.Range(0, index.Symbols.Count).Select(i => Encoding.UTF8.GetString(index.Symbols.Get((uint)i)))
            .Should().Equal(expected);
        foreach (var symbol in expected)
        {
            index.Symbols.TryFind(Encoding.UTF8.GetBytes(symbol), out var number).Should().BeTrue();
            Encoding.UTF8.GetString(index.Symbols.Get(number)).Should().Be(symbol);
            index.Symbols.TryFind(Encoding.UTF8.GetBytes(symbol + "!"), out _).Should().BeFalse();
        }

        var beyond = () => index.Symbols.Get((uint)index.Symbols.Count).Length;
        beyond.Should().Throw<CorruptDataException>().WithMessage($"{IndexPath}: offset *");
    }

    [Fact]
    public void TryFindValue_AgreesWithTheLabels()
    {
        using var index = IndexReader.Open(_directory, IndexPath);
        foreach (var series in AllOf(index))
        {
            var labels = index.ReadLabels(series, index.ReadSeries(series), out _);
            foreach (var name in index.Postings.Names)
            {
                index.Symbols.TryFind(name.Utf8, out var number).Should().BeTrue();
                var found = index.TryFindValue(series, number, out var value);
                found.Should().Be(labels.Has(name.Utf8));
                if (found) index.Symbols.Get(value).SequenceEqual(labels.Get(name.Utf8)).Should().BeTrue();
            }
        }
    }

    [Fact]
    public void AddNames_CollectsTheNamesOfASeries()
    {
        using var index = IndexReader.Open(_directory, IndexPath);
        var names = new HashSet<uint>();
        index.AddNames(AllOf(index)[0], names);
        names.Select(name => Encoding.UTF8.GetString(index.Symbols.Get(name)))
            .Should().BeEquivalentTo("__name__", "code", "instance", "job");
    }

    [Fact]
    public void Open_SaysNo_WhenTheVersionIsOne()
    {
        Change(IndexPath, bytes => bytes[4] = 1);
        var open = () => IndexReader.Open(_directory, IndexPath);
        open.Should().Throw<NotSupportedException>().WithMessage("*version 1*");
    }

    [Theory]
    [InlineData(IndexPath)]
    [InlineData(ChunksPath + "/000001")]
    public void Reading_FailsCleanly_WhenAnyByteIsFlipped(string path)
    {
        var length = new FileInfo(_folder.PathOf(path)).Length;
        for (var offset = 0L; offset < length; offset += 11)
        {
            Change(path, bytes => bytes[offset] ^= 0x41);
            var error = Record.Exception(() => ReadEverything());
            // Padding and the sections that nobody reads any more may say what they like.
            if (error is not (null or NotSupportedException))
                error.Should().BeOfType<CorruptDataException>().Which.FileName.Should().Be(path);
            Change(path, bytes => bytes[offset] ^= 0x41);
        }

        ReadEverything().Should().Be(GoldenBlock.Expected.Sum(series => series.Samples.Length));
    }

    [Theory]
    [InlineData(IndexPath)]
    [InlineData(ChunksPath + "/000001")]
    public void Reading_FailsCleanly_WhenTheFileIsCutOff(string path)
    {
        var bytes = File.ReadAllBytes(_folder.PathOf(path));
        for (var length = 0; length < bytes.Length; length += 23)
        {
            File.WriteAllBytes(_folder.PathOf(path), bytes[..length]);
            Record.Exception(() => ReadEverything()).Should().BeOfType<CorruptDataException>()
                .Which.FileName.Should().Be(path);
        }
    }

    private static uint[] AllOf(IndexReader index) => ToArray(index, index.Postings.CheckAll());

    private static uint[] ToArray(IndexReader index, PostingsPlace place)
    {
        var list = new uint[place.Count];
        index.Postings.Get(place).CopyTo(list);
        return list;
    }

    private void Change(string path, Action<byte[]> change)
    {
        var full = _folder.PathOf(path);
        var bytes = File.ReadAllBytes(full);
        change(bytes);
        File.WriteAllBytes(full, bytes);
    }

    private int ReadEverything()
    {
        using var index = IndexReader.Open(_directory, IndexPath);
        using var segments = ChunkSegmentReader.Open(_directory, ChunksPath);
        var columns = new SampleColumns();
        foreach (var name in index.Postings.Names)
        {
            var values = index.Postings.Values(name);
            while (values.MoveNext()) index.Postings.Check(values.Postings);
        }

        foreach (var series in AllOf(index))
        {
            var entry = index.ReadSeries(series);
            index.ReadLabels(series, entry, out var list);
            var chunks = new SeriesChunkReader(entry[list..]);
            while (chunks.MoveNext())
            {
                var data = segments.Read(chunks.Current.Reference, out var encoding);
                ChunkColumns.TryAppend(encoding, data, long.MinValue, long.MaxValue, columns).Should().BeTrue();
            }

            chunks.IsCorrupt.Should().BeFalse();
        }

        return columns.Count;
    }
}

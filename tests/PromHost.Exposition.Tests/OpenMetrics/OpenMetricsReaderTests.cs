using System.Text;
using PromHost.Model;

namespace PromHost.Exposition.Tests;

public class OpenMetricsReaderTests
{
    [Fact]
    public void Error_HasLineAndColumn()
    {
        var (entries, error) = ParsedEntries.Read("# TYPE a gauge\na{b=\"c\"} 1\na{b=oops} 1\n# EOF\n"u8);

        entries.Should().HaveCount(2);
        error.Should().Be(new ExpositionError(
            "expected label value, got \"o\" (\"INVALID\") while parsing: \"a{b=o\"", 3, 5));
        error!.ToString().Should().StartWith("3:5: expected label value");
    }

    [Fact]
    public void Read_TakesOneNameOnly() =>
        ParsedEntries.Read("a{\"b\",c=\"d\"} 1\n# EOF\n"u8).Error!.Message.Should().Be(
            "metric name already set while parsing: \"a{\\\"b\\\",\"");

    [Fact]
    public void CopyLabels_RemovesEscapes_AndDropsEmptyValues() =>
        ParsedEntries.Read("{\"n\\\"\\\\m\",\"l\\nx\"=\"a\\\\b\\\"c\\nd\\te\",empty=\"\"} 1\n# EOF\n"u8).Entries
            .Should().ContainSingle().Which.Should().Contain(
                """{__name__="n\"\\m", "l\nx"="a\\b\"c\nd\\te"} 1 """);

    [Fact]
    public void Read_TakesNumbersAsGoDoes()
    {
        var (entries, error) = ParsedEntries.Read(
            "a 1e3 -1.5\na +Inf\na -infinity 1.0005\na NaN\na .5\na 5.\na 1e400\n# EOF\n"u8);

        entries.Select(entry => entry.Split(' ')[3]).Should().Equal("1000", "Infinity", "-Infinity", "NaN", "0.5", "5");
        entries[0].Should().Contain("@-1500 ");
        entries[2].Should().Contain("@1000 ");
        error!.Message.Should().Be(
            "strconv.ParseFloat: parsing \"1e400\": value out of range while parsing: \"a 1e400\"");
        error.Line.Should().Be(7);
    }

    [Fact]
    public void Read_GoesOnInTheNextPiece()
    {
        var family = new OpenMetricsFamily();
        var first = new OpenMetricsReader("# TYPE s summary\n"u8, family, isLast: false);
        first.Read().Should().Be(ExpositionEntryKind.Type);
        first.Read().Should().Be(ExpositionEntryKind.NeedsMore);
        first.EndPiece();
        var second = new OpenMetricsReader("s{quantile=\"1\"} 3\nbad\n"u8, family);
        second.Read().Should().Be(ExpositionEntryKind.Series);
        second.Line.Should().Be(2);
        var labels = new LabelsBuilder();
        second.CopyLabels(labels);
        labels.ToLabels().ToString().Should().Be("""{__name__="s", quantile="1.0"}""");
        second.Read().Should().Be(ExpositionEntryKind.Error);
        second.Error!.Line.Should().Be(3);
    }

    [Fact]
    public void HasDuplicateLabels_FindsNamesThatAreThereTwice()
    {
        var family = new OpenMetricsFamily();
        var reader = new OpenMetricsReader(
            "a{b=\"1\",c=\"2\"} 1\na{b=\"1\",\"b\"=\"2\"} 1\na{__name__=\"b\"} 1\n# EOF\n"u8, family);
        reader.Read();
        reader.HasDuplicateLabels().Should().BeFalse();
        reader.Read();
        reader.HasDuplicateLabels().Should().BeTrue();
        reader.Read();
        reader.HasDuplicateLabels().Should().BeTrue();
    }

    [Fact]
    public void Read_EndsCleanly_OnEveryPrefixAndOnAnyByte()
    {
        var text = Encoding.UTF8.GetBytes(
            "# HELP a_total x\\ny\n# TYPE a_total counter\n# UNIT a_s s\n{\"a ä\",\"l\"=\"v\"} 1 2 # {x=\"y\"} 3 4\n" +
            "a_total{le=\"1\"} 1 # {} 1\na_created 5\n# EOF\n");
        ParsedEntries.Read(text).Error.Should().BeNull();
        for (var length = 0; length < text.Length - 1; length++)
            ParsedEntries.Read(text.AsSpan(0, length)).Error.Should().NotBeNull($"of {length} bytes");

        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var broken = (byte[])text.Clone();
            for (var i = 0; i < 3; i++) broken[random.Next(broken.Length)] = (byte)random.Next(256);
            var (_, error) = ParsedEntries.Read(broken);
            if (error is not null) error.Line.Should().BeInRange(1, broken.Count(one => one == '\n') + 1);
        }
    }

    [Fact]
    public void Read_AllocatesNothing_PerSample()
    {
        var text = new StringBuilder("# TYPE a gauge\n");
        for (var i = 0; i < 1000; i++) text.Append("a{instance=\"host:9100\",job=\"nodes\"} 1.25 1700000000.5\n");
        var bytes = Encoding.UTF8.GetBytes(text.Append("# EOF\n").ToString());
        var family = new OpenMetricsFamily();
        var labels = new LabelsBuilder();
        Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1000);

        void Run()
        {
            var reader = new OpenMetricsReader(bytes, family);
            while (reader.Read() is ExpositionEntryKind.Series or ExpositionEntryKind.Type) reader.CopyLabels(labels);
            reader.Error.Should().BeNull();
        }
    }
}

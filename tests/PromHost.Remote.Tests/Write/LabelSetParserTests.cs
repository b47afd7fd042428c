using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Remote.Tests;

public class LabelSetParserTests
{
    [Theory]
    [InlineData("__name__=up,job=a", AppendResult.Stored)]
    [InlineData("job=a,__name__=up", AppendResult.Stored)]
    [InlineData("job=a", AppendResult.MissingMetricName)]
    [InlineData("", AppendResult.MissingMetricName)]
    [InlineData("__name__=,job=a", AppendResult.MissingMetricName)]
    [InlineData("__name__=up,=a", AppendResult.EmptyLabelName)]
    [InlineData("__name__=up,job=a,job=a", AppendResult.DuplicateLabelName)]
    [InlineData("job=a,__name__=up,job=", AppendResult.DuplicateLabelName)]
    [InlineData("__name__=mit umlaut ü,größe=1", AppendResult.Stored)]
    public void Check_NamesWhatIsWrong(string labels, AppendResult expected)
    {
        var parser = new LabelSetParser();
        parser.TryParse(Fields(labels), out _).Should().BeTrue();
        parser.Check(needsMetricName: true).Should().Be(expected);
    }

    [Fact]
    public void Check_RefusesBytesThatAreNotUtf8()
    {
        using var bytes = new ByteWriter();
        var fields = new WriteRequestMessage.SeriesFields(bytes);
        fields.Label("__name__", "up").Label("job"u8, [0xC3, 0x28]);
        var parser = new LabelSetParser();
        parser.TryParse(bytes.WrittenSpan, out _).Should().BeTrue();
        parser.Check(needsMetricName: true).Should().Be(AppendResult.InvalidUtf8);
        parser.Describe(100).Should().Be("{__name__=\"up\", job=\"\\xc3(\"}");
    }

    [Fact]
    public void ToLabels_SortsAndDropsEmptyValues()
    {
        var parser = new LabelSetParser();
        parser.TryParse(Fields("z=1,empty=,a=2,__name__=up,long=" + new string('x', 70_000)), out _).Should().BeTrue();
        parser.Check(needsMetricName: true).Should().Be(AppendResult.Stored);
        parser.ToLabels().Should().Be(Labels.FromPairs(
            ("__name__", "up"), ("a", "2"), ("long", new string('x', 70_000)), ("z", "1")));
    }

    [Fact]
    public void Check_StaysFast_ForASeriesOfManyLabels()
    {
        using var bytes = new ByteWriter();
        var fields = new WriteRequestMessage.SeriesFields(bytes);
        for (var i = 200_000; i > 0; i--)
            fields.Label($"l{i}", "v");
        fields.Label("__name__", "up");
        var parser = new LabelSetParser();
        parser.TryParse(bytes.WrittenSpan, out _).Should().BeTrue();
        parser.Check(needsMetricName: true).Should().Be(AppendResult.Stored);
        parser.ToLabels().Count.Should().Be(200_001);
        parser.Describe(50).Should().HaveLength(53).And.EndWith("...");
        parser.TryParse(Fields("__name__=up"), out _).Should().BeTrue();
        parser.Check(needsMetricName: true).Should().Be(AppendResult.Stored);
        parser.ToLabels().ToString().Should().Be("{__name__=\"up\"}");
    }

    [Fact]
    public void TryParse_Fails_WhenALabelIsMalformed()
    {
        var parser = new LabelSetParser();
        parser.TryParse([0x0A, 0x02, 0x0A, 0x05], out var offset).Should().BeFalse();
        offset.Should().Be(2);
        parser.TryParse([0x0A, 0x02, 0x08, 0x05], out _).Should().BeFalse();
        parser.TryParse([0x0A, 0x07], out _).Should().BeFalse();
    }

    private static byte[] Fields(string labels)
    {
        using var bytes = new ByteWriter();
        var fields = new WriteRequestMessage.SeriesFields(bytes);
        foreach (var pair in labels.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var split = pair.IndexOf('=', StringComparison.Ordinal);
            fields.Label(pair[..split], pair[(split + 1)..]);
        }

        return bytes.WrittenSpan.ToArray();
    }
}

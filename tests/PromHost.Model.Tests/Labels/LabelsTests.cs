using System.Text;

namespace PromHost.Model.Tests;

public class LabelsTests
{
    [Fact]
    public void FromPairs_SortsByNameAndDropsEmptyValues()
    {
        var labels = Labels.FromPairs(("job", "node"), ("__name__", "up"), ("empty", ""));

        labels.ToString().Should().Be("{__name__=\"up\", job=\"node\"}");
        labels.Count.Should().Be(2);
    }

    [Fact]
    public void FromPairs_Throws_WhenANameOccursTwice()
    {
        var act = () => Labels.FromPairs(("a", "1"), ("a", "2"));

        act.Should().Throw<ArgumentException>().WithMessage("*\"a\"*");
    }

    [Theory]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(70_000)]
    public void Get_FindsValues_OfEverySizeOfEncoding(int size)
    {
        var value = new string('x', size);
        var labels = Labels.FromPairs(("a", "1"), ("big", value), ("c", "3"));

        labels.GetString("big").Should().Be(value);
        labels.GetString("c").Should().Be("3");
        labels.GetString("b").Should().BeNull();
    }

    [Fact]
    public void Encoded_IsSizeThenBytes_PerNameAndValue()
    {
        Labels.FromPairs(("a", "xy")).Encoded.ToArray().Should().Equal(1, (byte)'a', 2, (byte)'x', (byte)'y');
    }

    [Fact]
    public void StableHash_IsXxh64OfTheEncoding()
    {
        // Published vectors of XXH64 with seed 0.
        XxHash64.Hash([], 0).Should().Be(0xEF46DB3751D8E999);
        XxHash64.Hash("a"u8, 0).Should().Be(0xD24EC4F1A98C6E5B);
        XxHash64.Hash("abc"u8, 0).Should().Be(0x44BC2CF5AD770999);
        XxHash64.Hash(Encoding.ASCII.GetBytes("Nobody inspects the spammish repetition"), 0)
            .Should().Be(0xFBCEA83C8A378BF1);
        Labels.Empty.StableHash().Should().Be(0xEF46DB3751D8E999);
    }

    [Fact]
    public void CompareTo_GoesLabelByLabel_NotByteByByte()
    {
        // By bytes of the encoding the longer name would win over the smaller one.
        var shorter = Labels.FromPairs(("b", "1"));
        var longer = Labels.FromPairs(("aaaa", "1"));

        shorter.CompareTo(longer).Should().BePositive();
        Labels.FromPairs(("a", "1")).CompareTo(Labels.FromPairs(("a", "1"), ("b", "1"))).Should().BeNegative();
        Labels.FromPairs(("a", "1")).CompareTo(Labels.FromPairs(("a", "1"))).Should().Be(0);
    }

    [Fact]
    public void KeepAndDrop_SplitTheSet()
    {
        var labels = Labels.FromPairs(("__name__", "up"), ("instance", "i"), ("job", "j"));
        var names = new LabelNameSet("job", "missing");

        labels.Keep(names).Should().Be(Labels.FromPairs(("job", "j")));
        labels.Drop(names).Should().Be(Labels.FromPairs(("__name__", "up"), ("instance", "i")));
        labels.DropMetricName().Should().Be(Labels.FromPairs(("instance", "i"), ("job", "j")));
    }

    [Fact]
    public void Comparer_FindsLabelsByTheirBytes()
    {
        var labels = Labels.FromPairs(("a", "1"));
        var set = new Dictionary<Labels, int>(LabelsComparer.Instance) { [labels] = 7 };

        set.GetAlternateLookup<ReadOnlySpan<byte>>()[labels.Encoded].Should().Be(7);
    }

    [Fact]
    public void ToString_QuotesNamesThatNeedIt()
    {
        Labels.FromPairs(("host.name", "a\"b")).ToString().Should().Be("{\"host.name\"=\"a\\\"b\"}");
    }

    [Fact]
    public void Builder_SetsReplacesAndDeletes()
    {
        var builder = new LabelsBuilder().Reset(Labels.FromPairs(("a", "1"), ("b", "2")));
        builder.Set("b", "3").Set("0", "zero").Delete("a"u8);

        builder.ToLabels().Should().Be(Labels.FromPairs(("0", "zero"), ("b", "3")));
        builder.Reset().ToLabels().IsEmpty.Should().BeTrue();
    }
}

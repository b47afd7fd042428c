using System.Buffers;
using System.Text;
using PromHost.Model;

namespace PromHost.Api.Tests;

// The expected texts are what Prometheus 3.5.3 answers.
public sealed class JsonBufferTests
{
    private delegate void Write(ref JsonBuffer json);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.001")]
    [InlineData(-1, "-0.001")]
    [InlineData(1000, "1")]
    [InlineData(1435781451781, "1435781451.781")]
    [InlineData(1435781451100, "1435781451.100")]
    [InlineData(-1001, "-1.001")]
    [InlineData(long.MaxValue, "9223372036854775.807")]
    [InlineData(long.MinValue, "-9223372036854775.808")]
    public void Timestamp_HasNoneOrThreeDecimals(long timestampMs, string expected) =>
        Text((ref JsonBuffer json) => json.Timestamp(timestampMs)).Should().Be(expected);

    [Theory]
    [InlineData(1e-7, "[1,\"1e-07\"]")]
    [InlineData(1.5e21, "[1,\"1.5e+21\"]")]
    [InlineData(double.NaN, "[1,\"NaN\"]")]
    [InlineData(-0.0, "[1,\"-0\"]")]
    public void Point_WritesValuesAsText(double value, string expected) =>
        Text((ref JsonBuffer json) => json.Point(1000, value)).Should().Be(expected);

    [Fact]
    public void Label_LeavesMarkupAlone() =>
        Text((ref JsonBuffer json) => json.Label("<>& \u2028\u2029 é\u0001\t\n\r\b\f\v /\0\u007f\"\\"u8)).Should()
            .Be("\"<>& \u2028\u2029 é\\u0001\\t\\n\\r\\u0008\\u000c\\u000b /\\u0000\u007f\\\"\\\\\"");

    [Theory]
    [InlineData(false, "\\u0008\\u000c\\u000b")]
    [InlineData(true, "\\b\\f\\u000b")]
    public void Text_EscapesMarkup(bool shortControls, string controls) =>
        Text((ref JsonBuffer json) => json.Text("<>&\u2028\u2029 é\u0001\t\n\r\b\f\v /", shortControls)).Should()
            .Be("\"\\u003c\\u003e\\u0026\\u2028\\u2029 é\\u0001\\t\\n\\r" + controls + " /\"");

    [Fact]
    public void Strings_ReplaceWhatIsNotUtf8()
    {
        byte[] damaged = [(byte)'a', 0xff, 0xc3, 0xa9, 0xe2, 0x80, (byte)'b'];
        Text((ref JsonBuffer json) => json.Label(damaged)).Should().Be("\"a\uFFFDé\uFFFD\uFFFDb\"");
        Text((ref JsonBuffer json) => json.Text(damaged)).Should().Be("\"a\\ufffdé\\ufffd\\ufffdb\"");
    }

    [Fact]
    public void Labels_WritesAnObject() =>
        Text((ref JsonBuffer json) => json.Labels(Labels.FromPairs(("b", "2"), ("__name__", "x")))).Should()
            .Be("{\"__name__\":\"x\",\"b\":\"2\"}");

    [Fact]
    public void Raw_GoesOn_WhenThePieceIsFull()
    {
        var long1 = new string('x', 5000);
        var long2 = new string('y', 9000);
        Text((ref JsonBuffer json) =>
        {
            json.Text(long1);
            json.Integer(-12);
            json.Text(long2);
        }).Should().Be($"\"{long1}\"-12\"{long2}\"");
    }

    private static string Text(Write write)
    {
        var output = new ArrayBufferWriter<byte>();
        var json = new JsonBuffer(output);
        write(ref json);
        json.Commit();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

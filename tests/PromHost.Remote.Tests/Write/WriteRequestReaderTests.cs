using FsCheck;
using FsCheck.Fluent;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Remote.Tests;

public class WriteRequestReaderTests
{
    [Fact]
    public void TryRead_FindsSamples_WhateverTheyAre() =>
        Check.QuickThrowOnFailure(Prop.ForAll<(long, double)[]>(samples =>
        {
            using var message = new WriteRequestMessage();
            message.Series("__name__=a", samples).Series("__name__=b").Series("__name__=c", samples);
            var bytes = message.ToArray();
            using var batch = Read(bytes);

            batch.Series.Should().HaveCount(3);
            batch.Series[0].SampleCount.Should().Be(samples.Length);
            batch.Series[1].SampleCount.Should().Be(0);
            batch.Series[2].FirstSample.Should().Be(samples.Length);
            var expected = samples.Select(s => new FloatSample(s.Item1, s.Item2 == 0 ? 0 : s.Item2)).ToArray();
            batch.Samples.Take(samples.Length).Should().Equal(expected);
            batch.Samples.Skip(samples.Length).Should().Equal(expected);
            batch.MaxTimestampMs.Should().Be(
                samples.Length == 0 ? long.MinValue : samples.Max(sample => sample.Item1));
        }));

    [Theory]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(-1L)]
    [InlineData(127L)]
    [InlineData(34_359_738_367L)]
    [InlineData(34_359_738_368L)]
    [InlineData(1_763_000_000_123L)]
    [InlineData(4_398_046_511_103L)]
    [InlineData(4_398_046_511_104L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void TryRead_KeepsTimestampsAndBits_OfEveryLength(long timestampMs)
    {
        using var message = new WriteRequestMessage();
        message.Series("__name__=a", (timestampMs, StaleMarker.Value));
        using var batch = Read(message.ToArray());
        batch.Samples[0].TimestampMs.Should().Be(timestampMs);
        StaleMarker.Is(batch.Samples[0].Value).Should().BeTrue();
    }

    [Fact]
    public void TryRead_HandsOutTheLabelBytes_InPlace()
    {
        using var message = new WriteRequestMessage();
        message.Series(fields => fields.Label("__name__", new string('n', 300)).Label("a", "b").Sample(1, 1));
        var bytes = message.ToArray();
        using var batch = Read(bytes);
        var series = batch.Series[0];
        series.AreLabelsJoined.Should().BeFalse();
        var parser = new LabelSetParser();
        parser.TryParse(bytes.AsSpan(series.LabelsOffset, series.LabelsLength), out _).Should().BeTrue();
        parser.Check(needsMetricName: true).Should().Be(Storage.AppendResult.Stored);
        parser.ToLabels().ToString().Should().Be($"{{__name__=\"{new string('n', 300)}\", a=\"b\"}}");
    }

    [Fact]
    public void TryRead_JoinsLabels_WhenTheyAreScattered()
    {
        using var message = new WriteRequestMessage();
        message.Series(fields =>
        {
            fields.Label("a", "1").Sample(1, 1).Label("b", "2");
            fields.Proto.WriteVarint(9, 9);
            fields.Label("c", "3");
        });
        message.Series(fields => fields.Sample(2, 2).Label("d", "4"));
        using var batch = Read(message.ToArray());
        Joined(batch, 0).Should().Be("{a=\"1\", b=\"2\", c=\"3\"}");
        Joined(batch, 1).Should().Be("{d=\"4\"}");
    }

    [Fact]
    public void TryRead_SkipsUnknownFields_AtEveryLevel()
    {
        using var message = new WriteRequestMessage();
        message.Raw(proto => proto.WriteString(2, "source"));
        message.Series(fields =>
        {
            fields.Label("a", "1");
            fields.Proto.WriteDouble(7, 1);
            var mark = fields.Proto.BeginMessage(2);
            fields.Proto.WriteString(11, "extra");
            fields.Proto.WriteInt64(2, 5);
            fields.Proto.WriteDouble(1, 6);
            fields.Proto.EndMessage(mark);
        });
        using var batch = Read(message.ToArray());
        batch.Samples.Should().Equal(new FloatSample(5, 6));
        batch.Series[0].AreLabelsJoined.Should().BeFalse();
    }

    [Fact]
    public void TryRead_Fails_ForEveryPrefixThatCutsAField()
    {
        var bytes = Rich();
        var ends = new HashSet<int> { 0 };
        var reader = new ProtoReader(bytes);
        while (reader.TryReadTag(out var field, out var wireType) && reader.TrySkip(field, wireType))
            ends.Add(reader.Position);

        for (var cut = 0; cut < bytes.Length; cut++)
        {
            using var batch = new WriteRequestBatch();
            batch.Clear();
            var walk = new WriteRequestReader(bytes.AsSpan(0, cut), batch, new RemoteWriteLimits());
            walk.TryRead().Should().Be(ends.Contains(cut), "cut at {0}", cut);
            walk.ErrorOffset.Should().BeInRange(0, cut);
        }
    }

    [Fact]
    public void TryRead_NeverThrows_ForDamagedAndRandomMessages()
    {
        var random = new Random(11);
        var good = Rich();
        using var batch = new WriteRequestBatch();
        var parser = new LabelSetParser();
        for (var round = 0; round < 30_000; round++)
        {
            var bytes = (byte[])good.Clone();
            if (round % 3 == 0)
            {
                random.NextBytes(bytes);
            }
            else
            {
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            batch.Clear();
            var walk = new WriteRequestReader(bytes, batch, new RemoteWriteLimits());
            if (!walk.TryRead())
                continue;
            foreach (var series in batch.Series.Where(series => !series.AreLabelsJoined))
            {
                if (parser.TryParse(bytes.AsSpan(series.LabelsOffset, series.LabelsLength), out _)
                    && parser.Check(needsMetricName: true) == Storage.AppendResult.Stored)
                    parser.ToLabels().Count.Should().BePositive();
                parser.Describe(100).Length.Should().BeLessThanOrEqualTo(103);
            }
        }
    }

    private static byte[] Rich()
    {
        using var message = new WriteRequestMessage();
        message.Series("__name__=up,job=a", (1_763_000_000_000, 1), (0, 0));
        message.Series(fields => fields.Label("__name__", "h").Exemplar("trace", "x", 3, 4).Histogram(77).Sample(5, 6));
        message.Series(fields => fields.Sample(5, 6).Label("__name__", "late"));
        message.Metadata(1, "up", "help", "unit");
        return message.ToArray();
    }

    private static WriteRequestBatch Read(byte[] bytes)
    {
        var batch = new WriteRequestBatch();
        batch.Clear();
        var reader = new WriteRequestReader(bytes, batch, new RemoteWriteLimits());
        reader.TryRead().Should().BeTrue();
        return batch;
    }

    private static string Joined(WriteRequestBatch batch, int index)
    {
        var series = batch.Series[index];
        series.AreLabelsJoined.Should().BeTrue();
        var parser = new LabelSetParser();
        parser.TryParse(
            batch.JoinedLabels.WrittenSpan.Slice(series.LabelsOffset, series.LabelsLength), out _).Should().BeTrue();
        return parser.Describe(1000);
    }
}

using System.Buffers;
using System.Diagnostics.Metrics;
using PromHost.Chunks.Tests;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Remote.Tests;

public sealed class RemoteWriteReceiverTests : IDisposable
{
    private const long NowMs = 1_763_000_000_000;

    private readonly RecordingStorage _storage = new();
    private readonly Meter _meter = new("test");
    private readonly RemoteWriteReceiver _receiver;

    public RemoteWriteReceiverTests() =>
        _receiver = new RemoteWriteReceiver(_storage, new FixedTime(NowMs), new RemoteWriteLimits(), _meter);

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task ReceiveAsync_StoresEverything_WhenEverythingIsGood()
    {
        var outcome = await SendAsync(message => message
            .Series("__name__=up,job=a", (1000, 1), (2000, 0))
            .Series(fields => fields.Label("__name__", "up").Label("job", "b").Sample(3000, 7)
                .Exemplar("trace_id", "xyz", 3000, 0.5))
            .Metadata(1, "up", "is it up", "bool"));

        outcome.Should().Be(new RemoteWriteOutcome(RemoteWriteOutcomeKind.Stored, null) { Stored = 3, Exemplars = 1 });
        Stored().Should().Equal(
            "{__name__=\"up\", job=\"a\"} 1@1000", "{__name__=\"up\", job=\"a\"} 0@2000",
            "{__name__=\"up\", job=\"b\"} 7@3000");
        var (labels, exemplar) = _storage.Exemplars.Should().ContainSingle().Subject;
        labels.GetString("job").Should().Be("b");
        exemplar.Should().Be(new Exemplar(Labels.FromPairs(("trace_id", "xyz")), 3000, 0.5));
        _storage.Metadata["up"].Should().Be(new MetricMetadata("counter", "is it up", "bool"));
        _storage.OpenAppenders.Should().Be(0);
    }

    [Fact]
    public async Task ReceiveAsync_FindsKnownSeriesByTheirBytes()
    {
        for (var i = 0; i < 3; i++)
        {
            await SendAsync(message => message.Series("__name__=up,job=a", (1000 + i, 1)));
            await SendAsync(message => message.Series("job=a,empty=,__name__=up", (2000 + i, 1)));
        }

        _storage.SeriesCount.Should().Be(1);
        _storage.DecodedLookUps.Should().Be(2);
        _storage.Committed.Should().HaveCount(6);
    }

    [Theory]
    [InlineData("job=a", "missing_metric_name", "{job=\"a\"}")]
    [InlineData("__name__=up,job=a,job=b", "duplicate_label_name", "{__name__=\"up\", job=\"a\", job=\"b\"}")]
    [InlineData("__name__=up,=b", "empty_label_name", "{__name__=\"up\", \"\"=\"b\"}")]
    public async Task ReceiveAsync_KeepsTheNeighbours_OfASeriesWithInvalidLabels(
        string labels, string reason, string printed)
    {
        using var counted = new CounterReadings(_meter);
        var outcome = await SendAsync(message => message
            .Series("__name__=good", (1, 1)).Series(labels, (1, 1), (2, 2)).Series("__name__=fine", (1, 1)));

        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.PartlyRejected);
        outcome.Text.Should().Contain($"for series {printed}")
            .And.EndWith($"(2 of 4 samples rejected: {reason} 2; the others are stored)");
        outcome.Stored.Should().Be(2);
        outcome.Rejected.Should().Be(2);
        _storage.Committed.Should().HaveCount(2);
        counted["promhost_remote_write_rejected_samples_total", reason].Should().Be(2);
        counted["prometheus_api_remote_write_invalid_labels_samples_total", null].Should().Be(2);
        counted["promhost_remote_write_requests_total", "partly_rejected"].Should().Be(1);
        counted["promhost_remote_write_stored_samples_total", null].Should().Be(2);
    }

    [Fact]
    public async Task ReceiveAsync_IgnoresSeriesThatHoldNothing()
    {
        var outcome = await SendAsync(message => message.Series("job=a").Series("").Series("__name__=up"));
        outcome.Should().Be(new RemoteWriteOutcome(RemoteWriteOutcomeKind.Stored, null));
        _storage.SeriesCount.Should().Be(0);
    }

    [Fact]
    public async Task ReceiveAsync_NamesTheFirstReject_OfTheStorage()
    {
        _storage.Decide = (labels, sample) => sample.TimestampMs switch
        {
            1 => AppendResult.DuplicateTimestamp,
            2 => AppendResult.AlreadyStored,
            3 => AppendResult.OutOfOrder,
            _ => AppendResult.Stored,
        };
        var outcome = await SendAsync(message => message.Series("__name__=up", (1, 1.5), (2, 2), (3, 3), (4, 4)));
        outcome.Text.Should().Be(
            "duplicate sample for timestamp for series {__name__=\"up\"}, timestamp 1, value 1.5, stored value 0.5 "
            + "(2 of 4 samples rejected: duplicate_timestamp 1, out_of_order 1; the others are stored)");
        outcome.AlreadyStored.Should().Be(1);
        outcome.Stored.Should().Be(1);

        _storage.Decide = (_, _) => AppendResult.OutOfOrder;
        outcome = await SendAsync(message => message.Series("__name__=up", (1, 1.5)));
        outcome.Text.Should().Be(
            "out of order sample for series {__name__=\"up\"}, timestamp 1, newest stored timestamp 5000 "
            + "(1 of 1 samples rejected: out_of_order 1)");
    }

    [Fact]
    public async Task ReceiveAsync_TakesDuplicatesAsSuccess()
    {
        _storage.Decide = (_, _) => AppendResult.AlreadyStored;
        var outcome = await SendAsync(message => message.Series("__name__=up", (1, 1)));
        outcome.Should().Be(new RemoteWriteOutcome(RemoteWriteOutcomeKind.Stored, null) { AlreadyStored = 1 });
    }

    [Fact]
    public async Task ReceiveAsync_RefusesSamplesTooFarAhead_AndCreatesNoSeriesForThem()
    {
        const long limit = NowMs + 600_000;
        var outcome = await SendAsync(message => message
            .Series("__name__=mixed", (limit - 1, 1), (limit + 1, 2), (limit, 3), (limit + 2, 4))
            .Series("__name__=ahead", (limit + 5, 1))
            .Series("__name__=good", (5, 1)));
        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.PartlyRejected);
        outcome.Text.Should().StartWith("out of bounds").And.Contain("too_far_ahead 3");
        outcome.Rejected.Should().Be(3);
        _storage.Committed.Select(entry => entry.Sample.Value).Should().Equal(1, 3, 1);
        _storage.SeriesCount.Should().Be(2);
    }

    [Fact]
    public async Task ReceiveAsync_StoresNativeHistograms()
    {
        var samples = Enumerable.Range(0, 40).Select(seed => HistogramSequence.Make(seed, 10)).ToList();
        var outcome = await SendAsync(message =>
        {
            for (var seed = 0; seed < samples.Count; seed++)
            {
                var name = $"h{seed}";
                message.Series(fields =>
                {
                    fields.Label("__name__", name).Sample(1, 1);
                    foreach (var (timestampMs, histogram) in samples[int.Parse(name.AsSpan(1))])
                        fields.Histogram(timestampMs, histogram);
                });
            }

            return message;
        });

        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.Stored, outcome.Text);
        outcome.Stored.Should().Be(40 * 11);
        var stored = _storage.Histograms.ToLookup(entry => entry.Labels);
        for (var seed = 0; seed < samples.Count; seed++)
        {
            var received = stored[Labels.FromPairs((Labels.MetricName, $"h{seed}"))].ToList();
            for (var i = 0; i < samples[seed].Count; i++)
            {
                received[i].TimestampMs.Should().Be(samples[seed][i].TimestampMs);
                received[i].Histogram.ShouldEqual(samples[seed][i].Histogram, $"seed {seed}, histogram {i}");
                received[i].Histogram.CounterResetHint.Should().Be(samples[seed][i].Histogram.CounterResetHint);
            }
        }
    }

    [Fact]
    public async Task ReceiveAsync_TellsWhatIsWrongWithAHistogram_InPrometheussWords()
    {
        var bad = new NativeHistogram
        {
            IsInteger = true,
            Schema = 2,
            Count = 3,
            Sum = 20,
            PositiveCounts = new double[] { 1 },
        };
        var outcome = await SendAsync(message => message
            .Series(fields => fields.Label("__name__", "h").Histogram(77, bad).Histogram(78))
            .Series(fields => fields.Label("__name__", "both").Sample(1, 1).Histogram(NowMs + 700_000)));
        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.PartlyRejected);
        outcome.Text.Should().Be(
            "out of bounds: timestamp too far ahead of this server's clock for series {__name__=\"both\"}, timestamp "
            + $"{NowMs + 700_000} "
            + "(2 of 4 samples rejected: too_far_ahead 1, histogram_spans 1; the others are stored)");
        (await SendAsync(message => message.Series(fields => fields.Label("__name__", "h").Histogram(77, bad))))
            .Text.Should().Be(
                "positive side: spans need 0 buckets, have 1 buckets: histogram spans specify different number of "
                + "buckets than provided for series {__name__=\"h\"}, timestamp 77 "
                + "(1 of 1 samples rejected: histogram_spans 1)");
    }

    [Fact]
    public async Task ReceiveAsync_MergesBuckets_WhenTheSchemaIsOneOfTheFuture()
    {
        await SendAsync(message => message.Series(fields => fields.Label("__name__", "h").Histogram(77, new()
        {
            IsInteger = true,
            Schema = 9,
            Count = 3,
            Sum = 20,
            PositiveSpans = new HistogramSpan[] { new(1, 2) },
            PositiveCounts = new double[] { 1, 2 },
        })));

        var histogram = _storage.Histograms.Should().ContainSingle().Which.Histogram;
        histogram.Schema.Should().Be(8);
        histogram.PositiveCounts.ToArray().Should().Equal(3);
    }

    [Theory]
    [InlineData(4, 1, 100)]
    [InlineData(100, 10, 100)]
    [InlineData(100, 1, 12)]
    public async Task ReceiveAsync_RefusesTooManyHistograms(int maxHistograms, int maxSamples, int maxBytes)
    {
        var limits = new RemoteWriteLimits
        {
            MaxHistograms = maxHistograms,
            MaxSamples = maxSamples,
            MaxHistogramBytes = maxBytes,
        };
        using var meter = new System.Diagnostics.Metrics.Meter("test");
        var receiver = new RemoteWriteReceiver(_storage, TimeProvider.System, limits, meter);
        using var message = new WriteRequestMessage();
        message.Series(fields =>
        {
            fields.Label("__name__", "h");
            for (var i = 0; i < 9; i++) fields.Histogram(i + 1);
        });

        var outcome = await receiver.ReceiveAsync(message.ToBody(), TestContext.Current.CancellationToken);

        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.TooLarge);
        outcome.Text.Should().Contain("native histograms");
    }

    [Fact]
    public async Task ReceiveAsync_DropsExemplarsThatAreNotInOrder_WithoutFailing()
    {
        var outcome = await SendAsync(message => message
            .Series(fields => fields.Label("__name__", "a").Sample(1, 1)
                .Exemplar("", "x", 1, 1).Exemplar("id", "ahead", NowMs + 3_600_000, 1).Exemplar("id", "ok", 1, 1))
            .Series(fields => fields.Label("__name__", "without_samples").Exemplar("id", "x", 1, 1)));
        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.Stored);
        _storage.Exemplars.Should().ContainSingle().Which.Exemplar.Labels.GetString("id").Should().Be("ok");
    }

    [Fact]
    public async Task ReceiveAsync_StoresNothing_WhenTheMessageIsMalformedAnywhere()
    {
        var outcome = await SendAsync(message => message
            .Series("__name__=good", (1, 1)).Raw(proto => proto.WriteBytes(1, [0x12, 0x09, 0x01])));
        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.BadProtobuf);
        outcome.Text.Should().Be("malformed protobuf message at byte 36 in TimeSeries");

        outcome = await SendAsync(message => message
            .Series("__name__=good", (1, 1)).Raw(proto => proto.WriteBytes(1, [0x0A, 0x02, 0x0A, 0x05])));
        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.BadProtobuf);
        outcome.Text.Should().Be("malformed protobuf message at byte 37 in Label");

        _storage.SeriesCount.Should().Be(0);
        _storage.Committed.Should().BeEmpty();
        _storage.OpenAppenders.Should().Be(0);
    }

    [Fact]
    public async Task ReceiveAsync_RefusesAVersion2Message()
    {
        var outcome = await SendAsync(message => message.Raw(proto =>
        {
            proto.WriteString(4, "");
            proto.WriteBytes(5, [0x0A, 0x00]);
        }));
        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.BadProtobuf);
        outcome.Text.Should().Contain("io.prometheus.write.v2.Request");
    }

    [Theory]
    [InlineData("", RemoteWriteOutcomeKind.BadSnappy)]
    [InlineData("FFFFFFFFFFFF", RemoteWriteOutcomeKind.BadSnappy)]
    [InlineData("05086162", RemoteWriteOutcomeKind.BadSnappy)]
    [InlineData("0108616263", RemoteWriteOutcomeKind.BadSnappy)]
    [InlineData("8180801000", RemoteWriteOutcomeKind.TooLarge)]
    [InlineData("FFFFFFFF0F00", RemoteWriteOutcomeKind.TooLarge)]
    [InlineData("00", RemoteWriteOutcomeKind.Stored)]
    public async Task ReceiveAsync_JudgesTheBlockFirst(string hex, RemoteWriteOutcomeKind expected)
    {
        var outcome = await _receiver.ReceiveAsync(Convert.FromHexString(hex), TestContext.Current.CancellationToken);
        outcome.Kind.Should().Be(expected);
        (outcome.Text is null).Should().Be(expected == RemoteWriteOutcomeKind.Stored);
    }

    [Fact]
    public async Task ReceiveAsync_RefusesASmallBodyThatHoldsMillionsOfNothings()
    {
        var nothings = new byte[8 << 20];
        for (var i = 0; i < nothings.Length; i += 2)
            nothings[i] = 0x0A;
        var outcome = await _receiver.ReceiveAsync(
            WriteRequestMessage.Compress(nothings), TestContext.Current.CancellationToken);
        outcome.Should().Be(new RemoteWriteOutcome(
            RemoteWriteOutcomeKind.TooLarge, "the request is too large: too many series"));
    }

    [Fact]
    public async Task ReceiveAsync_ReportsAStorageThatTakesNoWrites()
    {
        _storage.UnavailableAtStart = "replaying the log";
        var outcome = await SendAsync(message => message.Series("__name__=up", (1, 1)));
        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.StorageUnavailable);
        outcome.Text.Should().Be("replaying the log");
        outcome.RetryAfter.Should().Be(TimeSpan.FromSeconds(7));

        _storage.UnavailableAtStart = null;
        _storage.UnavailableAtCommit = "disk full";
        outcome = await SendAsync(message => message.Series("__name__=up", (1, 1)));
        outcome.Kind.Should().Be(RemoteWriteOutcomeKind.StorageUnavailable);
        outcome.Text.Should().Be("disk full");
        _storage.OpenAppenders.Should().Be(0);
    }

    [Fact]
    public async Task ReceiveAsync_JoinsABodyInPieces()
    {
        using var message = new WriteRequestMessage();
        var body = message.Series("__name__=up,job=a", (1000, 1)).ToBody();
        var first = new Piece(body.AsMemory(0, 7), 0);
        var last = first.Append(body.AsMemory(7));
        var outcome = await _receiver.ReceiveAsync(
            new ReadOnlySequence<byte>(first, 0, last, body.Length - 7), TestContext.Current.CancellationToken);
        outcome.Stored.Should().Be(1);
    }

    [Fact]
    public void ReceiveAsync_AllocatesNothing_ForKnownSeries()
    {
        using var message = new WriteRequestMessage();
        for (var i = 0; i < 500; i++)
            message.Series($"__name__=node_cpu_seconds_total,cpu={i},job=node", (NowMs, i), (NowMs + 1, i));
        var body = message.ToBody();
        Send(body);
        _storage.IsKeeping = false;
        // Tiered compilation allocates behind the scenes while code is still warm.
        var least = long.MaxValue;
        for (var round = 0; round < 50; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Send(body);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.Should().Be(0);
    }

    [Fact]
    public async Task ReceiveAsync_NeverThrows_ForDamagedMessages()
    {
        using var message = new WriteRequestMessage();
        var good = message.Series("__name__=up,job=a", (1000, 1), (2000, 2)).Series("__name__=x,y=z", (1, 1))
            .Series(fields => fields.Sample(1, 1).Label("__name__", "late").Exemplar("a", "b", 1, 1).Histogram(1))
            .Metadata(2, "up", "h", "u").ToArray();
        var random = new Random(13);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = (byte[])good.Clone();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            await _receiver.ReceiveAsync(WriteRequestMessage.Compress(bytes), TestContext.Current.CancellationToken);
            await _receiver.ReceiveAsync(bytes, TestContext.Current.CancellationToken);
        }

        _storage.OpenAppenders.Should().Be(0);
    }

    private async Task<RemoteWriteOutcome> SendAsync(Func<WriteRequestMessage, WriteRequestMessage> write)
    {
        using var message = new WriteRequestMessage();
        return await _receiver.ReceiveAsync(write(message).ToBody(), TestContext.Current.CancellationToken);
    }

    private void Send(byte[] body)
    {
        var pending = _receiver.ReceiveAsync(body, CancellationToken.None);
        if (!pending.IsCompletedSuccessfully || pending.Result.Kind != RemoteWriteOutcomeKind.Stored)
            throw new InvalidOperationException("the request was not stored at once");
    }

    private IEnumerable<string> Stored() => _storage.Committed.Select(
        entry => $"{entry.Labels} {GoFloat.FormatJson(entry.Sample.Value)}@{entry.Sample.TimestampMs}");

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }

    /// <summary>What the counters of a meter add up to, by name and the value of their one label.</summary>
    private sealed class CounterReadings : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<(string, string?), long> _sums = [];

        public CounterReadings(Meter meter)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                var key = (instrument.Name, tags.Length > 0 ? (string?)tags[0].Value : null);
                _sums[key] = _sums.GetValueOrDefault(key) + value;
            });
            _listener.Start();
        }

        public long this[string name, string? tag] => _sums.GetValueOrDefault((name, tag));

        public void Dispose() => _listener.Dispose();
    }
}

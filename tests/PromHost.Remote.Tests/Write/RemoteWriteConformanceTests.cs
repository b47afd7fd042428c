using System.Diagnostics.Metrics;
using System.Text.Json;
using PromHost.Storage;

namespace PromHost.Remote.Tests;

/// <summary>
/// The 1.0 cases of the remote-write corpus as far as they concern the message; headers and statuses are tested where
/// HTTP is spoken.
/// </summary>
public class RemoteWriteConformanceTests
{
    [Fact]
    public async Task HandlerCases_StoreTheFloatsAndExemplars_AndRefuseOnlyWhatIsExpected()
    {
        using var corpus = Open("handler.json");
        var count = 0;
        foreach (var test in Cases(corpus))
        {
            var expectedStatus = test.GetProperty("expect").GetProperty("status").GetInt32();
            if (expectedStatus == 415)
                continue;
            count++;
            var storage = new RecordingStorage();
            Arrange(test, storage);
            var outcome = await ReceiveAsync(storage, test.GetProperty("body_base64").GetBytesFromBase64());

            var request = test.GetProperty("request").GetProperty("timeseries").EnumerateArray().ToList();
            var histograms = request.Sum(series => Count(series, "histograms"));
            var expected = expectedStatus switch
            {
                500 => RemoteWriteOutcomeKind.StorageUnavailable,
                400 => RemoteWriteOutcomeKind.PartlyRejected,
                _ => RemoteWriteOutcomeKind.Stored,
            };
            var name = test.GetProperty("name").GetString();
            outcome.Kind.Should().Be(expected, name);
            if (expectedStatus != 204)
                continue;
            storage.Histograms.Should().HaveCount(histograms, name);
            if (test.GetProperty("expect").TryGetProperty("stored_histograms", out var stored))
            {
                storage.Histograms.Select(entry => entry.Histogram.Schema).Should().Equal(
                    stored.EnumerateArray().Select(histogram => histogram.GetProperty("schema").GetInt32()), name);
            }
            storage.Committed.Should().HaveCount(request.Sum(series => Count(series, "samples")), name);
        }

        count.Should().BePositive();
    }

    [Fact]
    public async Task ReceiverCases_RefuseACorruptBody()
    {
        using var corpus = Open("receiver.json");
        var count = 0;
        foreach (var test in Cases(corpus).Where(test => test.TryGetProperty("corrupt_first_byte", out _)))
        {
            count++;
            using var message = new WriteRequestMessage();
            foreach (var sample in test.GetProperty("request").GetProperty("samples").EnumerateArray())
            {
                message.Series(fields =>
                {
                    foreach (var label in sample.GetProperty("labels").EnumerateObject())
                        fields.Label(label.Name, label.Value.GetString()!);
                    fields.Sample(1, sample.GetProperty("value").GetDouble());
                });
            }

            var body = message.ToBody();
            body[0] = test.GetProperty("corrupt_first_byte").GetByte();
            var storage = new RecordingStorage();
            var outcome = await ReceiveAsync(storage, body);
            outcome.Kind.Should().BeOneOf(RemoteWriteOutcomeKind.BadSnappy, RemoteWriteOutcomeKind.TooLarge);
            storage.Committed.Should().BeEmpty();
        }

        count.Should().BePositive();
    }

    private static void Arrange(JsonElement test, RecordingStorage storage)
    {
        if (test.TryGetProperty("inject_error", out _))
            storage.UnavailableAtCommit = "commit error";
        // Those cases are about the message; the counts of their histograms do not add up.
        storage.ChecksHistograms = !test.GetProperty("expect").TryGetProperty("stored_histograms", out _);
        if (test.TryGetProperty("latest_sample", out var latest))
        {
            var latestMs = latest.GetProperty("timestamp").GetInt64();
            storage.Decide = (_, sample) =>
                sample.TimestampMs < latestMs ? AppendResult.OutOfOrder : AppendResult.Stored;
        }
    }

    private static async Task<RemoteWriteOutcome> ReceiveAsync(RecordingStorage storage, byte[] body)
    {
        using var meter = new Meter("test");
        var time = new FixedTime(1_763_000_000_000);
        var receiver = new RemoteWriteReceiver(storage, time, new RemoteWriteLimits(), meter);
        return await receiver.ReceiveAsync(body, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<JsonElement> Cases(JsonDocument corpus) =>
        corpus.RootElement.GetProperty("cases").EnumerateArray()
            .Where(test => test.GetProperty("version").ValueEquals("1.0"));

    private static int Count(JsonElement series, string property) =>
        series.TryGetProperty(property, out var list) ? list.GetArrayLength() : 0;

    private static JsonDocument Open(string name)
    {
        var folder = Environment.GetEnvironmentVariable("PROMHOST_CONFORMANCE");
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); folder is null && at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "PromHost.sln")))
                folder = Path.Combine(at.FullName, "..", "shared", "conformance");
        }

        var path = Path.Combine(folder ?? "", "remote-write", name);
        Assert.SkipUnless(File.Exists(path), $"the corpus remote-write/{name} is not here");
        return JsonDocument.Parse(File.ReadAllBytes(path));
    }
}

using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public class MetadataStoreTests
{
    private static readonly FamilyCarrier Carrier = new(1, 1);

    [Fact]
    public void Set_ForgetsTheOneThatWaitedLongest_WhenTooManyWait()
    {
        var store = new MetadataStore(maxWaiting: 3);
        store.Set("carried", Gauge("c"), Carrier);
        for (var i = 0; i < 50; i++) store.Set($"waiting{i:00}", Gauge("h"), default);

        store.GetMetadata().Select(entry => entry.Key)
            .Should().Equal("carried", "waiting47", "waiting48", "waiting49");
        store.WaitingCount.Should().Be(3);
        store.Dropped.Should().Be(47);
    }

    [Fact]
    public void Set_HoldsNoMoreThanItsBytes()
    {
        var store = new MetadataStore(maxBytes: 100_000);
        for (var i = 0; i < 200; i++) store.Set($"waiting{i}", Gauge(new string('x', 1000)), default);
        for (var i = 0; i < 200; i++) store.Set($"carried{i}", Gauge(new string('x', 1000)), Carrier);

        store.SizeBytes.Should().BeInRange(90_000, 100_000);
        store.GetMetadata().Should().AllSatisfy(entry => entry.Key.Should().StartWith("carried"));
        store.WaitingCount.Should().Be(0);
    }

    [Fact]
    public void Set_CountsBytesAnew_WhenAFamilyChanges()
    {
        var store = new MetadataStore();
        store.Set("a", Gauge("short"), default);
        var before = store.SizeBytes;
        store.Set("a", Gauge("a longer text"), Carrier);
        store.SizeBytes.Should().BeGreaterThan(before);
        store.WaitingCount.Should().Be(0);

        store.Set("a", Gauge("short"), Carrier);

        store.SizeBytes.Should().Be(before);
    }

    [Fact]
    public void RemoveKnown_LeavesWhatIsNews()
    {
        var store = new MetadataStore();
        store.Set("a", Gauge("one"), default);
        List<KeyValuePair<string, MetricMetadata>> told =
            [new("a", Gauge("one")), new("a", Gauge("two")), new("b", Gauge("one"))];

        store.RemoveKnown(told);

        told.Select(entry => (entry.Key, entry.Value)).Should().Equal(("a", Gauge("two")), ("b", Gauge("one")));
    }

    private static MetricMetadata Gauge(string help) => new("gauge", help, "");
}

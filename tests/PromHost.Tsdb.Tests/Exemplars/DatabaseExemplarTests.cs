using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

public sealed class DatabaseExemplarTests : IDisposable
{
    private static readonly Labels Up = Series("up");
    private static readonly IReadOnlyList<IReadOnlyList<LabelMatcher>> Everything = [[]];
    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task AppendExemplar_KeepsThemOverARestart()
    {
        IReadOnlyList<SeriesExemplars> before;
        await using (var database = await OpenAsync(100))
        {
            for (var t = 1; t <= 250; t++) await AppendAsync(database, Up, t, Make(t));
            before = database.SelectExemplars(0, 1000, Everything);
            before[0].Exemplars.Should().HaveCount(100);
            before[0].Exemplars[^1].Should().Be(Make(250));
        }

        await using var reopened = await OpenAsync(100);
        var after = reopened.SelectExemplars(0, 1000, Everything);
        after.Should().ContainSingle().Which.Labels.Should().Be(Up);
        after[0].Exemplars.Should().Equal(before[0].Exemplars);
    }

    [Fact]
    public async Task AppendExemplar_FailsNothing_WhenItIsRefused()
    {
        await using var database = await OpenAsync(100);
        await AppendAsync(database, Up, 10, Make(10));

        var report = await AppendAsync(database, Up, 20, Make(5));

        report.Stored.Should().Be(1);
        report.Rejected.Should().BeEmpty();
        database.SelectExemplars(0, 100, Everything)[0].Exemplars.Should().Equal(Make(10));
    }

    [Fact]
    public async Task AppendExemplar_LogsASeriesThatHasNoSample()
    {
        await using (var database = await OpenAsync(100))
        {
            using var appender = database.CreateAppender();
            appender.AppendExemplar(appender.GetOrAddSeries(Up, []), Make(1));
            await appender.CommitAsync(TestContext.Current.CancellationToken);
        }

        await using var reopened = await OpenAsync(100);
        reopened.SelectExemplars(0, 100, Everything).Should().ContainSingle().Which.Labels.Should().Be(Up);
    }

    [Fact]
    public async Task AppendExemplar_LogsNothing_WhenNoneAreKept()
    {
        await using (var database = await OpenAsync(0))
            await AppendAsync(database, Up, 10, Make(10));

        await using var reopened = await OpenAsync(100);
        reopened.SelectExemplars(0, 100, Everything).Should().BeEmpty();
    }

    [Fact]
    public async Task CommitAsync_ShowsNoExemplar_WhenTheLogTakesNone()
    {
        var disk = new FaultyDataDirectory(new DataDirectory(_root.Path));
        await using var database = await TestDatabase.OpenAsync(
            disk, options => options with { MaxExemplars = 10, OutOfOrderWindow = TimeSpan.Zero });
        disk.FreeBytes = 0;

        await FluentActions.Awaiting(() => AppendAsync(database, Up, 10, Make(10)))
            .Should().ThrowAsync<StorageUnavailableException>();
        disk.FreeBytes = long.MaxValue;

        database.SelectExemplars(0, 100, Everything).Should().BeEmpty();
        await AppendAsync(database, Up, 10, Make(10));
        database.SelectExemplars(0, 100, Everything).Should().ContainSingle();
    }

    private static Exemplar Make(long t) => new(Labels.FromPairs(("trace_id", "t" + t)), t, t);

    private static async Task<AppendReport> AppendAsync(Database database, Labels labels, long t, Exemplar exemplar)
    {
        using var appender = database.CreateAppender();
        var series = appender.GetOrAddSeries(labels, []);
        appender.Append(series, [new FloatSample(t, t)]);
        appender.AppendExemplar(series, exemplar);
        return await appender.CommitAsync(TestContext.Current.CancellationToken);
    }

    private Task<Database> OpenAsync(int maxExemplars) => TestDatabase.OpenAsync(
        new DataDirectory(_root.Path),
        options => options with { MaxExemplars = maxExemplars, OutOfOrderWindow = TimeSpan.Zero });
}

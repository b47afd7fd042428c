namespace PromHost.Server.Tests;

public class ConfigLoaderTests
{
    [Fact]
    public void Load_TakesDefaults_WhenTheTextIsEmpty()
    {
        var config = ConfigLoader.Load("", "test");

        config.EvaluationInterval.Should().Be(TimeSpan.FromMinutes(1));
        config.IdleSections.Should().BeEmpty();
    }

    [Fact]
    public void Load_ReadsWhatItActsOn()
    {
        var config = ConfigLoader.Load("""
            global:
              scrape_interval: 15s
              evaluation_interval: 30s
              external_labels:
                cluster: eu
            storage:
              tsdb:
                out_of_order_time_window: 30m
                stale_series_compaction_threshold: 0.5
                chunk_encoding: {floats: xor2}
                retention:
                  time: 30d
                  size: 10GB
                  percentage: 80
              exemplars:
                max_exemplars: 5000
            """, "test");

        config.ScrapeInterval.Should().Be(TimeSpan.FromSeconds(15));
        config.EvaluationInterval.Should().Be(TimeSpan.FromSeconds(30));
        config.ExternalLabels.GetString("cluster").Should().Be("eu");
        config.Storage.Should().Be(new StorageConfig
        {
            OutOfOrderWindow = TimeSpan.FromMinutes(30),
            StaleSeriesCompactionThreshold = 0.5,
            Xor2Floats = true,
            Retention = new RetentionConfig { Time = TimeSpan.FromDays(30), SizeBytes = 10L << 30, Percentage = 80 },
            MaxExemplars = 5000,
        });
    }

    [Fact]
    public void Load_NamesTheSectionsItReadsPast()
    {
        var config = ConfigLoader.Load("scrape_configs: []\nrule_files: [a.yml]\n", "test");

        config.IdleSections.Should().Equal("scrape_configs", "rule_files");
    }

    [Fact]
    public void Load_TakesDefaults_WhenIntervalsAreZero()
    {
        var config = ConfigLoader.Load("global: {evaluation_interval: 0s, scrape_interval: 0s}", "test");

        config.EvaluationInterval.Should().Be(TimeSpan.FromMinutes(1));
        config.ScrapeInterval.Should().Be(TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("globl: {}", "test: line 1: field globl not found in type config.plain")]
    [InlineData("global:\n  scrape_intervall: 1s",
        "test: line 2: field scrape_intervall not found in type config.GlobalConfig")]
    [InlineData("global:\n  scrape_interval: soon", "test: line 2: not a valid duration string: \"soon\"")]
    [InlineData("storage: {tsdb: {\n retenton: {}}}", "test: line 2: field retenton not found in type config.plain")]
    [InlineData("storage:\n  tsdb: {retention: {size: 10}}", "test: line 2: units: missing unit in 10")]
    [InlineData("storage:\n  tsdb: {retention: {percentage: 101}}",
        "test: line 2: 'storage.tsdb.retention.percentage' must be in the range [0, 100], got 101")]
    [InlineData("storage:\n  tsdb: {retention: {size: -1KB}}",
        "test: line 2: 'storage.tsdb.retention.size' must be greater than or equal to 0, got -1KiB")]
    [InlineData("storage:\n  tsdb: {stale_series_compaction_threshold: much}",
        "test: line 2: cannot unmarshal !!str `much` into float64")]
    [InlineData("storage:\n  tsdb: {chunk_encoding: {floats: xor3}}", "test: line 2: " +
        "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, " +
        "got \"xor3\"")]
    [InlineData("storage:\n  exemplars: {max_exemplars: many}",
        "test: line 2: cannot unmarshal !!str `many` into int64")]
    [InlineData("global: [1]", "test: line 1: global must be a mapping of keys to values")]
    public void Load_SaysWhatIsWrongAndWhere(string text, string expected)
    {
        var act = () => ConfigLoader.Load(text, "test");

        act.Should().Throw<ConfigException>().WithMessage(expected);
    }

    [Fact]
    public void Load_NamesTheLine_WhenItIsNoYaml()
    {
        var act = () => ConfigLoader.Load("global:\n  a: [1", "test");

        act.Should().Throw<ConfigException>().WithMessage("test: line *");
    }

    [Fact]
    public void LoadFile_NamesTheFile_WhenItIsMissing()
    {
        var act = () => ConfigLoader.LoadFile("no-such-file.yml");

        act.Should().Throw<ConfigException>().WithMessage("no-such-file.yml: *");
    }
}

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
                retention:
                  time: 30d
            """, "test");

        config.ScrapeInterval.Should().Be(TimeSpan.FromSeconds(15));
        config.EvaluationInterval.Should().Be(TimeSpan.FromSeconds(30));
        config.ExternalLabels.GetString("cluster").Should().Be("eu");
        config.RetentionTime.Should().Be(TimeSpan.FromDays(30));
    }

    [Fact]
    public void Load_NamesTheSectionsItReadsPast()
    {
        var config = ConfigLoader.Load("scrape_configs: []\nrule_files: [a.yml]\n", "test");

        config.IdleSections.Should().Equal("scrape_configs", "rule_files");
    }

    [Fact]
    public void Load_NamesTheStorageSettingsItReadsPast()
    {
        var config = ConfigLoader.Load(
            "rule_files: []\nstorage: {tsdb: {out_of_order_time_window: 5m, retention: {time: 1d}}}", "test");

        config.IdleSections.Should()
            .Equal("rule_files", "storage.tsdb.out_of_order_time_window", "storage.tsdb.retention");
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

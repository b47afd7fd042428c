namespace PromHost.Server.Tests;

public class DatabaseSettingsTests
{
    [Fact]
    public void Make_KeepsAFortnightAndTakesLateSamples_WhenNothingIsSaid()
    {
        var options = DatabaseSettings.Make(new StorageOptions(), new StorageConfig());

        options.RetentionTime.Should().Be(TimeSpan.FromDays(15));
        options.MaxBlockRange.Should().Be(TimeSpan.FromDays(1.5));
        options.OutOfOrderWindow.Should().Be(TimeSpan.FromHours(3));
        options.MaxExemplars.Should().Be(0);
        DatabaseSettings.DescribeRetention(options).Should().Be("15d");
        DatabaseSettings.NamesOfNewFormats(options).Should().BeEmpty();
    }

    [Fact]
    public void Make_HonoursAWindowOfZero()
    {
        var options = DatabaseSettings.Make(
            new StorageOptions(), ConfigLoader.Load("storage: {tsdb: {out_of_order_time_window: 0}}", "test").Storage);

        options.OutOfOrderWindow.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void Make_LimitsBySizeOnly_WhenOnlyASizeIsGiven()
    {
        var options = DatabaseSettings.Make(new StorageOptions { RetentionBytes = 1 << 30 }, new StorageConfig());

        options.RetentionTime.Should().Be(TimeSpan.Zero);
        options.RetentionBytes.Should().Be(1 << 30);
        options.MaxBlockRange.Should().Be(TimeSpan.FromDays(31));
        DatabaseSettings.DescribeRetention(options).Should().Be("1GiB");
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("", "20d or 1GiB")]
    [InlineData("{time: 30d}", "30d")]
    [InlineData("{time: 30d, percentage: 12.5}", "30d or 12.5%")]
    public void Make_LetsASectionOfTheConfigurationReplaceTheFlags(string section, string expected)
    {
        var flags = new StorageOptions { RetentionTime = TimeSpan.FromDays(20), RetentionBytes = 1 << 30 };

        var options = DatabaseSettings.Make(
            flags, ConfigLoader.Load($"storage: {{tsdb: {{retention: {section}}}}}", "test").Storage);

        DatabaseSettings.DescribeRetention(options).Should().Be(expected);
    }

    [Theory]
    [InlineData(false, "", 0)]
    [InlineData(true, "", 100_000)]
    [InlineData(true, "storage: {exemplars: {max_exemplars: 7}}", 7)]
    [InlineData(true, "storage: {exemplars: {max_exemplars: -1}}", 0)]
    [InlineData(false, "storage: {exemplars: {max_exemplars: 7}}", 0)]
    public void Make_KeepsExemplars_WhenTheFeatureIsOn(bool isOn, string config, int expected)
    {
        var options = DatabaseSettings.Make(
            new StorageOptions { ExemplarStorage = isOn }, ConfigLoader.Load(config, "test").Storage);

        options.MaxExemplars.Should().Be(expected);
    }

    [Fact]
    public void Make_RefusesStartTimestampsInXorChunks()
    {
        var act = () => DatabaseSettings.Make(
            new StorageOptions { StoreStartTimestamps = true, Xor2Encoding = true },
            ConfigLoader.Load("storage: {tsdb: {chunk_encoding: {floats: xor}}}", "test").Storage);

        act.Should().Throw<ConfigException>().WithMessage("*incompatible with start-timestamp storage*");
    }

    [Fact]
    public void NamesOfNewFormats_NamesWhatOldPrometheusCannotRead()
    {
        var options = DatabaseSettings.Make(
            new StorageOptions { StoreStartTimestamps = true, Xor2Encoding = true, HistogramStartTimestamps = true },
            new StorageConfig());

        DatabaseSettings.NamesOfNewFormats(options).Should()
            .Equal("st-storage", "xor2-encoding", "histograms-st-encoding");
    }
}

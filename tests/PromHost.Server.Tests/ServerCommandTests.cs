using Microsoft.Extensions.Logging;
using PromHost.Tsdb;

namespace PromHost.Server.Tests;

public class ServerCommandTests
{
    [Fact]
    public async Task Options_AreTheDefaults_WithoutFlags()
    {
        var options = await ParseAsync("--config.file=none.yml");

        options.Storage.Should().Be(new StorageOptions());
        options.ListenAddresses.Should().Equal("0.0.0.0:9090");
        options.RemoteWriteReceiver.Should().BeTrue();
        options.LogLevel.Should().Be(LogLevel.Information);
    }

    [Fact]
    public async Task Options_TakePrometheusSpelling()
    {
        var options = await ParseAsync("--config.file", "a.yml", "--storage.tsdb.path=/tmp/x",
            "--storage.tsdb.retention.time=1y", "--web.listen-address=:9091", "--web.listen-address=[::1]:9092",
            "--log.level=warn", "--query.timeout=10s", "--no-web.enable-remote-write-receiver",
            "--web.enable-admin-api");

        options.EnableAdminApi.Should().BeTrue();
        options.ConfigFile.Should().Be("a.yml");
        options.Storage.DataPath.Should().Be("/tmp/x");
        options.Storage.RetentionTime.Should().Be(TimeSpan.FromDays(365));
        options.ListenAddresses.Should().Equal(":9091", "[::1]:9092");
        options.LogLevel.Should().Be(LogLevel.Warning);
        options.QueryLimits.Timeout.Should().Be(TimeSpan.FromSeconds(10));
        options.RemoteWriteReceiver.Should().BeFalse();
        options.Flags["web.enable-remote-write-receiver"].Should().Be("false");
    }

    [Fact]
    public async Task Options_TakeTheFlagsOfTheStorage()
    {
        var options = await ParseAsync("--config.file=a.yml", "--storage.tsdb.retention.size=1GB",
            "--storage.tsdb.wal-segment-size=20MB", "--storage.tsdb.wal-compression-type=zstd",
            "--storage.tsdb.no-lockfile", "--storage.tsdb.head-chunks-write-queue-size=10",
            "--storage.tsdb.min-block-duration=1h", "--storage.tsdb.max-block-duration=9h", "--storage.wal-fsync=never",
            "--enable-feature=exemplar-storage,st-storage,xor2-encoding,histograms-st-encoding");

        options.Storage.Should().Be(new StorageOptions
        {
            RetentionBytes = 1 << 30,
            WalSegmentBytes = 20 << 20,
            WalCompression = WalCompression.Zstd,
            NoLockFile = true,
            MinBlockRange = TimeSpan.FromHours(1),
            MaxBlockRange = TimeSpan.FromHours(9),
            WalFsync = WalSyncPolicy.Never,
            ExemplarStorage = true,
            StoreStartTimestamps = true,
            Xor2Encoding = true,
            HistogramStartTimestamps = true,
        });
        options.Flags["storage.tsdb.retention.size"].Should().Be("1GiB");
        options.Flags["storage.tsdb.retention.time"].Should().Be("0s");
        options.UnknownFeatures.Should().BeEmpty();
    }

    [Theory]
    [InlineData("--no-storage.tsdb.wal-compression")]
    [InlineData("--storage.tsdb.wal-compression=false")]
    public async Task Options_SwitchCompressionOff(string flag)
    {
        var options = await ParseAsync("--config.file=a.yml", "--storage.tsdb.wal-compression-type=zstd", flag);

        options.Storage.WalCompression.Should().Be(WalCompression.None);
    }

    [Fact]
    public async Task Features_SwitchOnByName_AndUnknownOnesAreNamed()
    {
        var options = await ParseAsync("--config.file=a.yml",
            "--enable-feature=promql-experimental-functions,nonsense", "--enable-feature=promql-delayed-name-removal");

        options.QueryFeatures.ExperimentalFunctions.Should().BeTrue();
        options.QueryFeatures.DelayedNameRemoval.Should().BeTrue();
        options.UnknownFeatures.Should().Equal("nonsense");
    }

    [Theory]
    [InlineData("--storage.tsdb.retention.time=soon", "not a valid duration string")]
    [InlineData("--web.listen-address=nowhere", "nowhere is not of the form host:port")]
    [InlineData("--web.listen-address=:99999", "no port between 0 and 65535")]
    [InlineData("--log.level=loud", "must be one of debug, info, warn, error")]
    [InlineData("--storage.wal-fsync=sometimes", "must be one of always, interval, never")]
    [InlineData("--storage.tsdb.retention.size=12", "units: missing unit in 12")]
    [InlineData("--storage.tsdb.wal-segment-size=1MB", "must be set between 10MB and 256MB")]
    [InlineData("--storage.tsdb.wal-compression-type=lz4", "must be one of snappy, zstd")]
    [InlineData("--query.max-samples=0", "must be greater than 0")]
    [InlineData("--query.max-memory=101%", "must be a size such as 512MB or a share such as 25%, got \"101%\"")]
    [InlineData("--query.max-total-memory=0B", "must be a size such as 512MB or a share such as 25%, got \"0B\"")]
    [InlineData("--no-such-flag", "--no-such-flag")]
    public void Parse_SaysWhatIsWrong(string argument, string expected)
    {
        var result = new ServerCommand().Build((_, _) => Task.FromResult(0)).Parse([argument]);

        result.Errors.Should().Contain(error => error.Message.Contains(expected));
    }

    [Fact]
    public async Task Parse_TakesMemoryAsSizeOrShare()
    {
        var options = await ParseAsync("--query.max-memory=512MB", "--query.max-total-memory=12.5%");

        options.QueryLimits.MaxMemoryBytes.Should().Be(512 << 20);
        options.QueryLimits.MaxTotalMemoryBytes.Should().Be(PromQL.ProcessMemory.LimitBytes / 8);
        options.Flags["query.max-memory"].Should().Be("512MB");
        options.Flags["query.max-total-memory"].Should().Be("12.5%");
    }

    private static async Task<ServerOptions> ParseAsync(params string[] arguments)
    {
        ServerOptions? seen = null;
        var command = new ServerCommand().Build((options, _) =>
        {
            seen = options;
            return Task.FromResult(0);
        });
        (await command.Parse(arguments).InvokeAsync()).Should().Be(0);
        return seen!;
    }
}

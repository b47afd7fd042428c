using Microsoft.Extensions.Logging;
using PromHost.Tsdb;

namespace PromHost.Server.Tests;

public class ServerCommandTests
{
    [Fact]
    public async Task Options_AreTheDefaults_WithoutFlags()
    {
        var options = await ParseAsync("--config.file=none.yml");

        options.DataPath.Should().Be("data/");
        options.ListenAddresses.Should().Equal("0.0.0.0:9090");
        options.RetentionTime.Should().Be(TimeSpan.FromDays(15));
        options.RemoteWriteReceiver.Should().BeTrue();
        options.LogLevel.Should().Be(LogLevel.Information);
        options.WalFsync.Should().Be(WalSyncPolicy.Interval);
    }

    [Fact]
    public async Task Options_TakePrometheusSpelling()
    {
        var options = await ParseAsync("--config.file", "a.yml", "--storage.tsdb.path=/tmp/x",
            "--storage.tsdb.retention.time=1y", "--web.listen-address=:9091", "--web.listen-address=[::1]:9092",
            "--log.level=warn", "--query.timeout=10s", "--no-web.enable-remote-write-receiver");

        options.ConfigFile.Should().Be("a.yml");
        options.DataPath.Should().Be("/tmp/x");
        options.RetentionTime.Should().Be(TimeSpan.FromDays(365));
        options.ListenAddresses.Should().Equal(":9091", "[::1]:9092");
        options.LogLevel.Should().Be(LogLevel.Warning);
        options.QueryLimits.Timeout.Should().Be(TimeSpan.FromSeconds(10));
        options.RemoteWriteReceiver.Should().BeFalse();
        options.Flags["web.enable-remote-write-receiver"].Should().Be("false");
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
    [InlineData("--query.max-samples=0", "must be greater than 0")]
    [InlineData("--no-such-flag", "--no-such-flag")]
    public void Parse_SaysWhatIsWrong(string argument, string expected)
    {
        var result = new ServerCommand().Build((_, _) => Task.FromResult(0)).Parse([argument]);

        result.Errors.Should().Contain(error => error.Message.Contains(expected));
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

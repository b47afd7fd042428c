using PromHost.Storage;

namespace PromHost.Api.Tests;

public sealed class DamagesEndpointTests
{
    [Fact]
    public async Task Handle_TellsDamages_AndWhyWritesAreRefused()
    {
        var found = new DateTimeOffset(2026, 11, 21, 3, 4, 5, TimeSpan.Zero);
        await using var server = await ApiServer.StartAsync();
        server.Storage.Health = new StorageHealth(
            "the disk is \"full\"",
            [new("wal", 2), new("block", 0)],
            [
                new("wal", "wal/00000003", 32_768, "a record has no end", found, "promhost/quarantine/wal-00000003"),
                new("wal", "wal/00000004", 0, "missing", found, null),
            ]);

        var (_, json) = await server.GetJsonAsync("/api/v1/status/damages");

        json["data"]!.ToJsonString().Replace("\\u0022", "'").Should().Be(
            """
            {"writesRefused":"the disk is 'full'","counts":{"wal":2,"block":0},"damages":[
            {"foundAt":"2026-11-21T03:04:05Z","kind":"wal","path":"wal/00000003","offset":32768,
            "reason":"a record has no end","quarantinedAs":"promhost/quarantine/wal-00000003"},
            {"foundAt":"2026-11-21T03:04:05Z","kind":"wal","path":"wal/00000004","offset":0,
            "reason":"missing","quarantinedAs":null}]}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task Handle_SaysThatAllIsWell()
    {
        await using var server = await ApiServer.StartAsync();
        server.Storage.Health = new StorageHealth(null, [], []);

        var (_, json) = await server.GetJsonAsync("/api/v1/status/damages");

        json["data"]!.ToJsonString().Should().Be("{\"writesRefused\":null,\"counts\":{},\"damages\":[]}");
    }
}

using PromHost.Storage;

namespace PromHost.Api;

/// <summary>
/// <c>/api/v1/status/damages</c>, which Prometheus has not: what was found damaged in the data directory since the
/// start, and whether writes are taken.
/// </summary>
internal static class DamagesEndpoint
{
    /// <summary>Answers one request.</summary>
    public static async ValueTask HandleAsync(ApiCall call)
    {
        var health = call.Services.Admin.GetHealth();
        WriteBegin(call, health);
        for (var i = 0; i < health.Damages.Count; i++)
        {
            WriteDamage(call, isFirst: i == 0, health.Damages[i]);
            await call.Body.FlushIfLargeAsync(call.Aborted).ConfigureAwait(false);
        }

        var json = new JsonBuffer(call.Body);
        json.Raw("]}"u8);
        ApiCall.EndSuccess(ref json);
    }

    private static void WriteBegin(ApiCall call, StorageHealth health)
    {
        var json = call.BeginSuccess();
        json.Raw("{\"writesRefused\":"u8);
        TextOrNull(ref json, health.WritesRefused);
        json.Raw(",\"counts\":{"u8);
        for (var i = 0; i < health.DamageCounts.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            json.Text(health.DamageCounts[i].Name);
            json.Raw((byte)':');
            json.Integer(health.DamageCounts[i].Value);
        }

        json.Raw("},\"damages\":["u8);
        json.Commit();
    }

    private static void WriteDamage(ApiCall call, bool isFirst, StorageDamage damage)
    {
        var json = new JsonBuffer(call.Body);
        json.Raw(isFirst ? "{\"foundAt\":"u8 : ",{\"foundAt\":"u8);
        json.Text(RequestTime.FormatRfc3339(damage.FoundAt));
        json.Raw(",\"kind\":"u8);
        json.Text(damage.Kind);
        json.Raw(",\"path\":"u8);
        json.Text(damage.Path);
        json.Raw(",\"offset\":"u8);
        json.Integer(damage.OffsetBytes);
        json.Raw(",\"reason\":"u8);
        json.Text(damage.Reason);
        json.Raw(",\"quarantinedAs\":"u8);
        TextOrNull(ref json, damage.QuarantinedAs);
        json.Raw((byte)'}');
        json.Commit();
    }

    private static void TextOrNull(ref JsonBuffer json, string? text)
    {
        if (text is null) json.Raw("null"u8);
        else json.Text(text);
    }
}

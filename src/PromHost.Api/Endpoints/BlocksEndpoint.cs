using PromHost.Storage;

namespace PromHost.Api;

/// <summary><c>/api/v1/status/tsdb/blocks</c>: what the blocks' <c>meta.json</c> say.</summary>
internal static class BlocksEndpoint
{
    /// <summary>Answers one request.</summary>
    public static async ValueTask HandleAsync(ApiCall call)
    {
        var blocks = call.Services.Admin.GetBlocks();
        for (var i = 0; i < blocks.Count; i++)
        {
            WriteBlock(call, isFirst: i == 0, blocks[i]);
            await call.Body.FlushIfLargeAsync(call.Aborted).ConfigureAwait(false);
        }

        WriteEnd(call, isEmpty: blocks.Count == 0);
    }

    private static void WriteBlock(ApiCall call, bool isFirst, BlockStatus block)
    {
        var json = isFirst ? call.BeginSuccess() : new JsonBuffer(call.Body);
        json.Raw(isFirst ? "{\"blocks\":[{\"ulid\":"u8 : ",{\"ulid\":"u8);
        WriteRange(ref json, block.Id, block.MinTimeMs, block.MaxTimeMs);
        json.Raw(",\"stats\":{"u8);
        var isAny = false;
        Count(ref json, "\"numSamples\":"u8, block.Samples, ref isAny);
        Count(ref json, "\"numFloatSamples\":"u8, block.FloatSamples, ref isAny);
        Count(ref json, "\"numHistogramSamples\":"u8, block.HistogramSamples, ref isAny);
        Count(ref json, "\"numSeries\":"u8, block.Series, ref isAny);
        Count(ref json, "\"numChunks\":"u8, block.Chunks, ref isAny);
        Count(ref json, "\"numTombstones\":"u8, block.Tombstones, ref isAny);
        json.Raw("},\"compaction\":{\"level\":"u8);
        json.Integer(block.Level);
        if (block.Sources.Count > 0)
        {
            json.Raw(",\"sources\":"u8);
            json.Texts(block.Sources);
        }

        if (block.IsDeletable) json.Raw(",\"deletable\":true"u8);
        WriteParents(ref json, block.Parents);
        if (block.IsFailed) json.Raw(",\"failed\":true"u8);
        if (block.Hints.Count > 0)
        {
            json.Raw(",\"hints\":"u8);
            json.Texts(block.Hints);
        }

        json.Raw("},\"version\":1}"u8);
        json.Commit();
    }

    private static void WriteParents(
        ref JsonBuffer json, IReadOnlyList<(string Id, long MinTimeMs, long MaxTimeMs)> parents)
    {
        for (var i = 0; i < parents.Count; i++)
        {
            json.Raw(i == 0 ? ",\"parents\":[{\"ulid\":"u8 : ",{\"ulid\":"u8);
            WriteRange(ref json, parents[i].Id, parents[i].MinTimeMs, parents[i].MaxTimeMs);
            json.Raw((byte)'}');
        }

        if (parents.Count > 0) json.Raw((byte)']');
    }

    private static void WriteRange(ref JsonBuffer json, string id, long minTimeMs, long maxTimeMs)
    {
        json.Text(id);
        json.Raw(",\"minTime\":"u8);
        json.Integer(minTimeMs);
        json.Raw(",\"maxTime\":"u8);
        json.Integer(maxTimeMs);
    }

    // As in the files, zeros are left out.
    private static void Count(ref JsonBuffer json, ReadOnlySpan<byte> name, long count, ref bool isAny)
    {
        if (count == 0) return;
        if (isAny) json.Raw((byte)',');
        isAny = true;
        json.Raw(name);
        json.Integer(count);
    }

    private static void WriteEnd(ApiCall call, bool isEmpty)
    {
        var json = isEmpty ? call.BeginSuccess() : new JsonBuffer(call.Body);
        json.Raw(isEmpty ? "{\"blocks\":[]}"u8 : "]}"u8);
        ApiCall.EndSuccess(ref json);
    }
}

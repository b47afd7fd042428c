using System.Buffers;
using System.Text.Json;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Reads and writes <c>meta.json</c> (<c>docs/formats/meta-json.md</c>), byte for byte as Prometheus writes it. Unknown
/// fields are passed over.
/// </summary>
internal static class BlockMetaFile
{
    /// <summary>The file's name in the directory of its block.</summary>
    public const string FileName = "meta.json";

    private const int Version = 1;
    private const int MaxBytes = 64 << 20;

    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        IndentCharacter = '\t',
        IndentSize = 1,
        NewLine = "\n",
    };

    /// <summary>Reads the file.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="CorruptDataException">It is no description of a block.</exception>
    public static BlockMeta Read(IDataDirectory directory, string path)
    {
        var bytes = AtomicFile.Read(directory, path, MaxBytes);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return ReadMeta(document.RootElement);
        }
        catch (JsonException error)
        {
            throw new CorruptDataException("not JSON: " + error.Message, path, error.BytePositionInLine ?? 0);
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CorruptDataException("not the description of a block: " + error.Message, path, 0);
        }
    }

    /// <summary>Writes the file, in the place of an older one in one step; it survives a power cut.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="meta">What to write.</param>
    public static void Write(IDataDirectory directory, string path, BlockMeta meta) =>
        AtomicFile.Write(directory, path, Encode(meta).Span);

    /// <summary>The file's bytes.</summary>
    public static ReadOnlyMemory<byte> Encode(BlockMeta meta)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Indented);
        json.WriteStartObject();
        json.WriteString("ulid", meta.Id.ToString());
        json.WriteNumber("minTime", meta.MinTimeMs);
        json.WriteNumber("maxTime", meta.MaxTimeMs);
        json.WriteStartObject("stats");
        WriteCount(json, "numSamples", meta.Stats.Samples);
        WriteCount(json, "numFloatSamples", meta.Stats.FloatSamples);
        WriteCount(json, "numHistogramSamples", meta.Stats.HistogramSamples);
        WriteCount(json, "numSeries", meta.Stats.Series);
        WriteCount(json, "numChunks", meta.Stats.Chunks);
        WriteCount(json, "numTombstones", meta.Stats.Tombstones);
        json.WriteEndObject();
        WriteCompaction(json, meta.Compaction);
        json.WriteNumber("version", Version);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteCompaction(Utf8JsonWriter json, BlockCompaction compaction)
    {
        json.WriteStartObject("compaction");
        json.WriteNumber("level", compaction.Level);
        if (compaction.Sources.Count > 0)
        {
            json.WriteStartArray("sources");
            foreach (var source in compaction.Sources) json.WriteStringValue(source.ToString());
            json.WriteEndArray();
        }

        if (compaction.IsDeletable) json.WriteBoolean("deletable", true);
        if (compaction.Parents.Count > 0)
        {
            json.WriteStartArray("parents");
            foreach (var parent in compaction.Parents)
            {
                json.WriteStartObject();
                json.WriteString("ulid", parent.Id.ToString());
                json.WriteNumber("minTime", parent.MinTimeMs);
                json.WriteNumber("maxTime", parent.MaxTimeMs);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (compaction.IsFailed) json.WriteBoolean("failed", true);
        if (compaction.Hints.Count > 0)
        {
            json.WriteStartArray("hints");
            foreach (var hint in compaction.Hints.Order(StringComparer.Ordinal)) json.WriteStringValue(hint);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // Prometheus leaves zeros out.
    private static void WriteCount(Utf8JsonWriter json, string name, long count)
    {
        if (count != 0) json.WriteNumber(name, count);
    }

    private static BlockMeta ReadMeta(JsonElement root)
    {
        var version = root.GetProperty("version").GetInt32();
        if (version != Version)
            throw new FormatException($"version {version} is unknown");
        var stats = Part(root, "stats");
        return new BlockMeta
        {
            Id = ReadId(root),
            MinTimeMs = root.GetProperty("minTime").GetInt64(),
            MaxTimeMs = root.GetProperty("maxTime").GetInt64(),
            Stats = new BlockStats(
                Count(stats, "numSamples"), Count(stats, "numSeries"), Count(stats, "numChunks"))
            {
                FloatSamples = Count(stats, "numFloatSamples"),
                HistogramSamples = Count(stats, "numHistogramSamples"),
                Tombstones = Count(stats, "numTombstones"),
            },
            Compaction = ReadCompaction(Part(root, "compaction")),
        };
    }

    private static BlockCompaction ReadCompaction(JsonElement? part) => new()
    {
        Level = Part(part, "level")?.GetInt32() ?? 0,
        Sources = [.. Items(part, "sources").Select(item => ParseId(item.GetString()))],
        IsDeletable = Part(part, "deletable")?.GetBoolean() ?? false,
        Parents =
        [
            .. Items(part, "parents").Select(item => new BlockParent(
                ReadId(item), item.GetProperty("minTime").GetInt64(), item.GetProperty("maxTime").GetInt64())),
        ],
        IsFailed = Part(part, "failed")?.GetBoolean() ?? false,
        Hints = [.. Items(part, "hints").Select(item => item.GetString() ?? "")],
    };

    private static JsonElement? Part(JsonElement? parent, string name) =>
        parent is { } element && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement? parent, string name) =>
        Part(parent, name) is { } list ? list.EnumerateArray() : default;

    private static long Count(JsonElement? stats, string name)
    {
        var count = Part(stats, name)?.GetInt64() ?? 0;
        return count >= 0 ? count : throw new FormatException($"{name} is negative");
    }

    private static Ulid ReadId(JsonElement element) => ParseId(element.GetProperty("ulid").GetString());

    private static Ulid ParseId(string? text) =>
        Ulid.TryParse(text, out var id) ? id : throw new FormatException($"\"{text}\" is no ULID");
}

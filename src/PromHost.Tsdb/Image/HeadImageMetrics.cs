using System.Diagnostics.Metrics;

namespace PromHost.Tsdb;

/// <summary>What the database tells of the head image.</summary>
internal static class HeadImageMetrics
{
    /// <summary>Adds the instruments to the database's meter.</summary>
    public static void Add(Meter meter, Database database)
    {
        meter.CreateObservableCounter(
            "promhost_tsdb_head_images_written_total",
            () => database.Image?.Written ?? 0,
            description: "Head images written.");
        meter.CreateObservableCounter(
            "promhost_tsdb_head_images_failed_total",
            () => database.Image?.Failed ?? 0,
            description: "Head images that could not be written.");
        meter.CreateObservableCounter(
            "promhost_tsdb_head_images_written_bytes_total",
            () => database.Image?.WrittenBytes ?? 0,
            description: "Bytes of all head images written.");
        meter.CreateObservableCounter(
            "promhost_tsdb_head_images_seconds_total",
            () => database.Image?.Elapsed.TotalSeconds ?? 0,
            description: "Time spent on writing head images.");
        meter.CreateObservableGauge(
            "promhost_tsdb_head_image_size_bytes",
            () => database.Image?.SizeBytes ?? 0,
            description: "Size of the newest head image.");
        meter.CreateObservableGauge(
            "promhost_tsdb_head_image_used",
            () => database.ImageReplay.Used is null ? 0 : 1,
            description: "1 when the start has used a head image.");
        meter.CreateObservableGauge(
            "promhost_tsdb_head_image_ignored",
            () => database.ImageReplay.IsIgnored ? 1 : 0,
            description: "1 when there was a head image at the start that could not be used.");
    }
}

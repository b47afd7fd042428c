namespace PromHost.Server;

/// <summary>The section <c>storage.tsdb.retention</c>. What is 0 or not there sets no limit.</summary>
internal sealed record RetentionConfig
{
    /// <summary><c>time</c>.</summary>
    public TimeSpan Time { get; init; }

    /// <summary><c>size</c>, in bytes.</summary>
    public long SizeBytes { get; init; }

    /// <summary><c>percentage</c> of the file system, 0 to 100.</summary>
    public double Percentage { get; init; }
}

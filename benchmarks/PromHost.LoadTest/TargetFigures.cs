namespace PromHost.LoadTest;

/// <summary>What was measured of one target.</summary>
internal sealed record TargetFigures(string Name)
{
    /// <summary>Samples that were sent.</summary>
    public long Samples { get; set; }

    /// <summary>Requests that the server did not accept.</summary>
    public long Refused { get; set; }

    /// <summary>Samples per second, wall time.</summary>
    public double SamplesPerSecond { get; set; }

    /// <summary>Server CPU per sample until no background work is left, microseconds.</summary>
    public double CpuMicrosecondsPerSample { get; set; }

    /// <summary>Resident memory when background work is done, MiB.</summary>
    public double ResidentMiB { get; set; }

    /// <summary>The anonymous part of it, MiB.</summary>
    public double AnonymousMiB { get; set; }

    /// <summary>The data directory, bytes per sample; NaN when it is not known.</summary>
    public double DiskBytesPerSample { get; set; } = double.NaN;

    /// <summary>The blocks of the data directory, where it is of Prometheus's format.</summary>
    public IReadOnlyList<BlockFigures> Blocks { get; set; } = [];

    /// <summary>The longest append, and the 999th of a thousand, of the probe during the push; milliseconds.</summary>
    public (double Max, double P999) AppendStallMs { get; set; } = (double.NaN, double.NaN);

    /// <summary>The same of queries.</summary>
    public (double Max, double P999) QueryStallMs { get; set; } = (double.NaN, double.NaN);

    /// <summary>From SIGKILL to the first right answer, seconds; NaN when it could not be restarted.</summary>
    public double RestartSeconds { get; set; } = double.NaN;

    /// <summary>Median latency per query, milliseconds; NaN when the server failed it.</summary>
    public Dictionary<string, double> QueryMs { get; } = new(StringComparer.Ordinal);
}

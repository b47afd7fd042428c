namespace PromHost.Remote;

/// <summary>What became of a remote-write request.</summary>
/// <param name="Kind">What became of it as a whole.</param>
/// <param name="Text">What to tell the sender, one line; null when everything is stored.</param>
public readonly record struct RemoteWriteOutcome(RemoteWriteOutcomeKind Kind, string? Text)
{
    /// <summary>Float samples stored now.</summary>
    public int Stored { get; init; }

    /// <summary>Float samples that were stored before with the same bits.</summary>
    public int AlreadyStored { get; init; }

    /// <summary>Samples, native histograms included, that were refused.</summary>
    public int Rejected { get; init; }

    /// <summary>Exemplars handed to the storage.</summary>
    public int Exemplars { get; init; }

    /// <summary>When trying again may help, if the storage says so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

namespace PromHost.Tsdb;

/// <summary>Which blocks are not to be kept.</summary>
/// <param name="ByTime">Those that are too old.</param>
/// <param name="BySize">Those for which there is no room.</param>
internal readonly record struct RetentionVerdict(IReadOnlyList<Ulid> ByTime, IReadOnlyList<Ulid> BySize)
{
    /// <summary>All of them.</summary>
    public IEnumerable<Ulid> All => ByTime.Union(BySize);
}

namespace PromHost.Tsdb;

/// <summary>A label name with one of its values, and the series that have it.</summary>
internal struct LabelPair
{
    /// <summary>What <see cref="Living"/> is when the pair is out of sight and waits to be freed.</summary>
    public const int Unlinked = -1;

    /// <summary>Where the value's bytes are.</summary>
    public ulong ValueHandle;

    /// <summary>Length of the value in bytes.</summary>
    public int ValueLength;

    /// <summary>The name.</summary>
    public int Name;

    /// <summary>The number of series that are there; those that are gone may still be listed. For the writer.</summary>
    public int Living;

    /// <summary>The ordinal of the first series, so that a pair of one series needs no list.</summary>
    public int First;

    /// <summary>The list of series, see <see cref="PostingLists"/>, or 0 while there is at most one.</summary>
    public ulong Series;
}

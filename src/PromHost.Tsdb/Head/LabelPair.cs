namespace PromHost.Tsdb;

/// <summary>A label name with one of its values, and the series that have it.</summary>
internal struct LabelPair
{
    /// <summary>Where the value's bytes are.</summary>
    public ulong ValueHandle;

    /// <summary>Length of the value in bytes.</summary>
    public int ValueLength;

    /// <summary>The name.</summary>
    public int Name;

    /// <summary>The number of series; written after what it counts.</summary>
    public int Count;

    /// <summary>The first series, so that a pair of one series needs no array.</summary>
    public int First;

    /// <summary>All series ascending, from the second one on; replaced by a longer copy when full.</summary>
    public int[]? Series;
}

namespace PromHost.Tsdb;

/// <summary>
/// A section of series of a head image, with what its check has found out and building the head needs. One thread at a
/// time has it.
/// </summary>
/// <param name="Index">The section.</param>
/// <param name="PairCount">Label pairs in the sections before it: its series have these.</param>
internal sealed record CheckedSection(int Index, int PairCount)
{
    /// <summary>Why the image cannot be used; null when this section is good.</summary>
    public string? Problem { get; set; }

    /// <summary>Hashes of the labels, in the order of the series.</summary>
    public List<ulong> Hashes { get; } = [];

    /// <summary>The open chunks of native histograms, in the order of their series.</summary>
    public Queue<OpenHistogram> Histograms { get; } = new();

    /// <summary>The numbers of the series in the head, once they have them, in their order.</summary>
    public int[] Series { get; set; } = [];
}

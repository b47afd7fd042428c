namespace PromHost.Tsdb;

/// <summary>What open chunk a series has in a head image.</summary>
internal enum ImageOpenChunk : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary>One of floats, with the state of its encoder.</summary>
    Floats,

    /// <summary>One of native histograms.</summary>
    Histograms,

    /// <summary>One of native histograms whose end was predicted from its size.</summary>
    HistogramsWithPredictedEnd,
}

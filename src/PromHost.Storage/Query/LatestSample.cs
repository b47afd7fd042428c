namespace PromHost.Storage;

/// <summary>The answer of <see cref="SeriesSet.TryReadLatest"/>.</summary>
public enum LatestSample : byte
{
    /// <summary>Not known without reading the samples (or it is a histogram): read them.</summary>
    Unknown,

    /// <summary>There is no sample in the range.</summary>
    None,

    /// <summary>It is the sample handed out.</summary>
    Found,
}

namespace PromHost.Api;

/// <summary>How an answer is compressed.</summary>
internal enum ContentCoding
{
    /// <summary>Not at all.</summary>
    Identity,

    /// <summary>gzip.</summary>
    Gzip,

    /// <summary>zlib, which HTTP calls deflate.</summary>
    Deflate,
}

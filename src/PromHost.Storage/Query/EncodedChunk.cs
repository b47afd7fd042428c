namespace PromHost.Storage;

/// <summary>A chunk as it is stored; what the bytes mean is the business of the encodings.</summary>
/// <param name="MinTimeMs">Timestamp of its first sample.</param>
/// <param name="MaxTimeMs">Timestamp of its last sample.</param>
/// <param name="Encoding">The encoding byte.</param>
/// <param name="Data">The encoded samples; valid until the querier is disposed.</param>
public readonly record struct EncodedChunk(long MinTimeMs, long MaxTimeMs, byte Encoding, ReadOnlyMemory<byte> Data);

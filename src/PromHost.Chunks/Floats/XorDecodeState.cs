namespace PromHost.Chunks;

// Where the decoder stands between its two runs, and what the encoder needs to continue a chunk.
internal struct XorDecodeState
{
    public ulong Delta;
    public ulong ValueBits;
    public long TimestampMs;
    public int Index;
    public int Leading;
    public int Trailing;
    public int ConsumedBits;
    public bool HasWindow;
}

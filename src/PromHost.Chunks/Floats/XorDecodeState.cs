namespace PromHost.Chunks;

// Where the decoder stands between its two runs, and what the encoder needs to continue a chunk.
internal struct XorDecodeState
{
    public ulong Window;
    public ulong Delta;
    public ulong ValueBits;
    public long TimestampMs;
    public int Index;
    public int Position;
    public int WindowBits;
    public int Leading;
    public int Trailing;
    public int ConsumedBits;
    public bool HasWindow;

    public void Save(int position, ulong window, int windowBits)
    {
        Position = position;
        Window = window;
        WindowBits = windowBits;
    }

    public readonly void Load(out int position, out ulong window, out int windowBits)
    {
        position = Position;
        window = Window;
        windowBits = WindowBits;
    }
}

namespace PromHost.Chunks;

// Where the changed bits of the last change of a value lay. The default is "none sent": a reader that is told to keep
// it reads all 64 bits, as Prometheus does; a writer opens a frame first.
internal struct XorFrame
{
    public byte Leading;
    public byte Trailing;
    public bool IsOpen;
}

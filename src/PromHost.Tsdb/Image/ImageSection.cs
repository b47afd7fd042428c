using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>A section of a head image that is being written: filled, written, filled again. For one thread.</summary>
internal sealed class ImageSection : IDisposable
{
    private readonly ImageSectionKind _kind;
    private readonly int _fullBytes;

    public ImageSection(ImageSectionKind kind, int fullBytes = HeadImageFormat.SectionBytes)
    {
        _kind = kind;
        _fullBytes = fullBytes;
        Data = new ByteWriter(2 * Math.Min(fullBytes, HeadImageFormat.SectionBytes));
        Clear();
    }

    /// <summary>Receives the data, behind what is there.</summary>
    public ByteWriter Data { get; }

    /// <summary>Is there no data?</summary>
    public bool IsEmpty => Data.Length == HeadImageFormat.SectionHeaderBytes;

    /// <summary>Is it as long as a section shall be?</summary>
    public bool IsFull => Data.Length >= _fullBytes;

    /// <summary>Forgets the data.</summary>
    public void Clear()
    {
        Data.Clear();
        Data.GetSpan(HeadImageFormat.SectionHeaderBytes)[..HeadImageFormat.SectionHeaderBytes].Clear();
        Data.Advance(HeadImageFormat.SectionHeaderBytes);
    }

    /// <summary>Writes the section, unless it is empty, and forgets the data.</summary>
    /// <param name="file">The image.</param>
    /// <param name="endBytes">Where it ends; moved.</param>
    public void WriteTo(IDataFile file, ref long endBytes)
    {
        if (IsEmpty) return;
        Data.PatchBytes(HeadImageFormat.KindOffset, [(byte)_kind]);
        Data.PatchUInt32(
            HeadImageFormat.LengthOffset, (uint)(Data.Length - HeadImageFormat.SectionHeaderBytes));
        Data.PatchUInt32(0, Crc32C.Compute(Data.WrittenSpan[HeadImageFormat.KindOffset..]));
        file.Write(Data.WrittenSpan, endBytes);
        endBytes += Data.Length;
        Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Data.Dispose();
}

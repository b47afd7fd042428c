// Hot path: a start hashes the labels of every series of the image here.
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// The label pairs of a head image, by where they lie in it. Filled by one thread, then read by any number of them.
/// </summary>
/// <param name="image">The image; not disposed of before this object is done with.</param>
internal sealed class ImagePairs(HeadImage image)
{
    // Up to here a size takes one byte in the image, and the same one in Labels.
    private const int MaxShortBytes = 127;

    private readonly List<(int OffsetBytes, int LengthBytes)> _places = [];

    // The few that Labels encode in another way.
    private byte[] _long = [];
    private int _longBytes;

    /// <summary>The number of pairs so far.</summary>
    public int Count => _places.Count;

    /// <summary>Adds the pairs of a section.</summary>
    /// <returns>False when one makes no sense.</returns>
    public bool TryAdd(int section)
    {
        var data = image.DataOf(section);
        var start = image.OffsetOf(section);
        var reader = new ByteReader(data);
        while (!reader.IsAtEnd)
        {
            var begin = reader.Position;
            if (!reader.TryReadUvarintBytes(out var name) || !reader.TryReadUvarintBytes(out var value) ||
                name.Length > Labels.MaxPartSizeBytes || value.Length > Labels.MaxPartSizeBytes)
                return false;
            _places.Add(name.Length <= MaxShortBytes && value.Length <= MaxShortBytes
                ? (start + begin, reader.Position - begin)
                : AddLong(name, value));
        }

        return true;
    }

    /// <summary>Encodes pairs as <see cref="Labels"/> do.</summary>
    /// <param name="pairs">Their numbers in the image, all below <see cref="Count"/>.</param>
    /// <param name="buffer">Receives the bytes; replaced by a larger one when it is too short.</param>
    public ReadOnlySpan<byte> Encode(ReadOnlySpan<int> pairs, ref byte[] buffer)
    {
        var size = 0;
        foreach (var pair in pairs)
        {
            var (offset, length) = _places[pair];
            if (buffer.Length - size < length) Array.Resize(ref buffer, Math.Max(2 * buffer.Length, size + length));
            var encoded = offset >= 0 ? image.Slice(offset, length) : _long.AsSpan(~offset, length);
            encoded.CopyTo(buffer.AsSpan(size));
            size += length;
        }

        return buffer.AsSpan(0, size);
    }

    private (int OffsetBytes, int LengthBytes) AddLong(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var start = _longBytes;
        var end = start + LabelsEncoding.SizeOf(name.Length) + LabelsEncoding.SizeOf(value.Length);
        if (end > _long.Length) Array.Resize(ref _long, Math.Max(end, 2 * _long.Length));
        LabelsEncoding.Write(name, _long, ref _longBytes);
        LabelsEncoding.Write(value, _long, ref _longBytes);
        return (~start, end - start);
    }
}

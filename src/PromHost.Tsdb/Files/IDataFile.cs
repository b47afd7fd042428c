namespace PromHost.Tsdb;

/// <summary>An open file of an <see cref="IDataDirectory"/>, addressed by offset. Errors as there.</summary>
internal interface IDataFile : IDisposable
{
    /// <summary>The file's length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to the span's length; fewer bytes do not mean the end, none does.</summary>
    int Read(Span<byte> destination, long offsetBytes);

    /// <summary>Writes all bytes, growing the file; after an error any part of them may have been written.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offsetBytes);

    /// <summary>Cuts the file or grows it by a hole that reads as zeros.</summary>
    void SetLength(long lengthBytes);

    /// <summary>Makes an empty file this long, of space that is taken from the disk now.</summary>
    void Allocate(long lengthBytes);

    /// <summary>Makes what was written survive a power cut.</summary>
    void Sync();

    /// <summary>Reads until the span is full or the file ends; returns the bytes read.</summary>
    int ReadFully(Span<byte> destination, long offsetBytes)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var count = Read(destination[total..], offsetBytes + total);
            if (count == 0)
                break;
            total += count;
        }

        return total;
    }
}

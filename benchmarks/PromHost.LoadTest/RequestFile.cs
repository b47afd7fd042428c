using System.Buffers.Binary;

namespace PromHost.LoadTest;

/// <summary>Reads the requests that a <see cref="RequestWriter"/> wrote, one after the other.</summary>
internal sealed class RequestFile : IDisposable
{
    private readonly FileStream _file;

    public RequestFile(string path) =>
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);

    /// <summary>The next request, or null at the end.</summary>
    public (byte[] Body, int Samples)? Next()
    {
        Span<byte> header = stackalloc byte[8];
        if (_file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length) return null;
        var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(header)];
        _file.ReadExactly(body);
        return (body, BinaryPrimitives.ReadInt32LittleEndian(header[4..]));
    }

    /// <summary>Passes over requests until at least so many samples are passed.</summary>
    /// <returns>The samples passed.</returns>
    public long Skip(long samples)
    {
        long skipped = 0;
        while (skipped < samples && Next() is { } request) skipped += request.Samples;
        return skipped;
    }

    public void Dispose() => _file.Dispose();
}

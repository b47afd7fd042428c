namespace PromHost.Server;

/// <summary>Reads a file of lines in pieces that end with whole lines, as often as one likes.</summary>
internal sealed class LineFile : IDisposable
{
    private const int BufferBytes = 1024 * 1024;

    private readonly Stream _stream;
    private byte[] _buffer = new byte[BufferBytes];
    private int _end;
    private int _filled;

    /// <summary>Opens a file; what can be read only once is copied to a temporary file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public LineFile(string path)
    {
        Path = path;
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        _stream = stream.CanSeek ? stream : Copy(stream);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The piece that was read last.</summary>
    public ReadOnlySpan<byte> Piece => _buffer.AsSpan(0, _end);

    /// <summary>Is that the last one?</summary>
    public bool IsLast { get; private set; }

    /// <summary>Bytes read.</summary>
    public long Position => _stream.Position;

    /// <summary>Bytes of the file.</summary>
    public long Length => _stream.Length;

    /// <summary>Begins again.</summary>
    public void Rewind()
    {
        _stream.Position = 0;
        _filled = 0;
        _end = 0;
        IsLast = false;
    }

    /// <summary>Reads the next piece; the last one may be empty.</summary>
    public void ReadNext()
    {
        _buffer.AsSpan(_end, _filled - _end).CopyTo(_buffer);
        _filled -= _end;
        while (true)
        {
            if (_filled == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var count = _stream.Read(_buffer, _filled, _buffer.Length - _filled);
            _filled += count;
            IsLast = count == 0;
            var newline = IsLast ? _filled - 1 : _buffer.AsSpan(0, _filled).LastIndexOf((byte)'\n');
            _end = newline + 1;
            if (newline >= 0 || IsLast) return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static FileStream Copy(FileStream stream)
    {
        using (stream)
        {
            var path = System.IO.Path.Join(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());
            var copy = new FileStream(
                path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0,
                FileOptions.DeleteOnClose);
            stream.CopyTo(copy);
            copy.Position = 0;
            return copy;
        }
    }
}

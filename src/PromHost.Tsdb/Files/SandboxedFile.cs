namespace PromHost.Tsdb;

// A file of the original of a SandboxedDataDirectory: read where it is, cut by remembering its length, copied to the
// sandbox by the first write.
internal sealed class SandboxedFile : IDataFile
{
    private readonly SandboxedDataDirectory _directory;
    private readonly string _path;
    private IDataFile _file;
    private long _limitBytes;
    private bool _isCopied;

    public SandboxedFile(SandboxedDataDirectory directory, string path, IDataFile file, long limitBytes)
    {
        _directory = directory;
        _path = path;
        _file = file;
        _limitBytes = limitBytes;
    }

    public long Length => _isCopied ? _file.Length : Math.Min(_file.Length, _limitBytes);

    public int Read(Span<byte> destination, long offsetBytes)
    {
        if (_isCopied) return _file.Read(destination, offsetBytes);
        var left = Math.Max(0, Length - offsetBytes);
        return left < destination.Length
            ? _file.Read(destination[..(int)left], offsetBytes)
            : _file.Read(destination, offsetBytes);
    }

    public void Write(ReadOnlySpan<byte> bytes, long offsetBytes)
    {
        Copy(Length);
        _file.Write(bytes, offsetBytes);
    }

    public void SetLength(long lengthBytes)
    {
        if (!_isCopied && lengthBytes <= Length)
        {
            _limitBytes = lengthBytes;
            _directory.Limit(_path, lengthBytes);
            return;
        }

        Copy(Length);
        _file.SetLength(lengthBytes);
    }

    public void Allocate(long lengthBytes)
    {
        Copy(Length);
        _file.Allocate(lengthBytes);
    }

    public void Sync()
    {
    }

    public void Dispose() => _file.Dispose();

    private void Copy(long lengthBytes)
    {
        if (_isCopied) return;
        var copy = _directory.CopyOf(_path, _file, lengthBytes);
        _file.Dispose();
        _file = copy;
        _isCopied = true;
    }
}

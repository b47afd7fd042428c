namespace PromHost.Tsdb.Tests;

/// <summary>Damages files.</summary>
internal static class Faults
{
    private const int PageBytes = 4096;

    /// <summary>Lets something happen to a file.</summary>
    public static void Inject(this IDataDirectory directory, string path, Fault fault)
    {
        if (fault == Fault.Missing)
        {
            directory.Delete(path);
            return;
        }

        using var file = directory.OpenWrite(path);
        var length = file.Length;
        switch (fault)
        {
            case Fault.TornTail:
                file.SetLength(Math.Max(0, length - 3));
                break;
            case Fault.FlippedStart:
                Flip(file, Math.Min(2, length - 1));
                break;
            case Fault.FlippedMiddle:
                Flip(file, length / 2);
                break;
            case Fault.FlippedEnd:
                Flip(file, length - 1);
                break;
            case Fault.Halved:
                file.SetLength(length / 2);
                break;
            case Fault.ZeroedPage:
                var start = length / 2 / PageBytes * PageBytes;
                if (start == 0) start = length / 2;
                file.Write(new byte[Math.Min(PageBytes, length - start)], start);
                break;
            default:
                file.SetLength(0);
                break;
        }
    }

    private static void Flip(IDataFile file, long offset)
    {
        Span<byte> single = stackalloc byte[1];
        file.ReadFully(single, offset);
        single[0] ^= 0x10;
        file.Write(single, offset);
    }
}

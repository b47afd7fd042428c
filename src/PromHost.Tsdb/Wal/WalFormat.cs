using System.Globalization;

namespace PromHost.Tsdb;

// Numbers of the format; docs/formats/wal.md.
internal static class WalFormat
{
    public const int PageBytes = 32 * 1024;
    public const int HeaderBytes = 7;
    public const int DefaultSegmentBytes = 128 * 1024 * 1024;

    public const int TypeMask = 0b111;
    public const int PageEnd = 0;
    public const int Full = 1;
    public const int First = 2;
    public const int Middle = 3;
    public const int Last = 4;

    public const byte SnappyFlag = 1 << 3;
    public const byte ZstdFlag = 1 << 4;

    public static string SegmentName(int number) => number.ToString("D8", CultureInfo.InvariantCulture);
}

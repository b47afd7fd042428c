using System.Numerics;

namespace PromHost.Tsdb;

/// <summary>
/// The sizes of blocks in <see cref="ByteSlabs"/>: in steps of 8 bytes up to 128, of 16 up to 1 KiB, then eight steps
/// per doubling. A block is at most an eighth (and 7 bytes) larger than what is in it, and mostly much less.
/// </summary>
internal static class SlabClasses
{
    /// <summary>Strings above this size, in bytes, get a slab of their own.</summary>
    public const int MaxBlockBytes = 16 * 1024;

    /// <summary>The number of classes.</summary>
    public const int Count = FirstLarge + (4 * 8);

    private const int SmallBytes = 128;
    private const int MediumBytes = 1024;
    private const int FirstMedium = SmallBytes / 8;
    private const int FirstLarge = FirstMedium + ((MediumBytes - SmallBytes) / 16);

    /// <summary>The class of a string.</summary>
    /// <param name="length">Its length in bytes, 0 to <see cref="MaxBlockBytes"/>.</param>
    public static int ClassOf(int length)
    {
        var last = Math.Max(0, length - 1);
        if (length <= SmallBytes) return last >> 3;
        if (length <= MediumBytes) return FirstMedium + ((last - SmallBytes) >> 4);
        var doubling = BitOperations.Log2((uint)last) - 10;
        return FirstLarge + (doubling * 8) + ((last >> (doubling + 7)) & 7);
    }

    /// <summary>The size of a class's blocks in bytes.</summary>
    public static int BlockBytes(int slabClass)
    {
        if (slabClass < FirstMedium) return (slabClass + 1) * 8;
        if (slabClass < FirstLarge) return SmallBytes + ((slabClass - FirstMedium + 1) * 16);
        var doubling = (slabClass - FirstLarge) >> 3;
        return (9 + ((slabClass - FirstLarge) & 7)) << (doubling + 7);
    }

    /// <summary>The size of the slab of a string above <see cref="MaxBlockBytes"/>: eight steps per doubling.</summary>
    public static int LargeBytes(int length)
    {
        var step = (1 << BitOperations.Log2((uint)length)) >> 3;
        return checked((length + step - 1) / step * step);
    }

    /// <summary>The bytes that a string of a length may grow to in its place.</summary>
    public static int RoomFor(int length) =>
        length > MaxBlockBytes ? LargeBytes(length) : BlockBytes(ClassOf(length));
}

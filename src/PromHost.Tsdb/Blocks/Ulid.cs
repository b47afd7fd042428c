using System.Buffers.Binary;

namespace PromHost.Tsdb;

/// <summary>
/// Names a block: 48 bits of milliseconds since the epoch, then 80 random bits, written as 26 digits of Crockford's
/// base 32 (the ULID specification). Ordered by time.
/// </summary>
/// <param name="High">The time and the first 16 random bits.</param>
/// <param name="Low">The other random bits.</param>
internal readonly record struct Ulid(ulong High, ulong Low) : IComparable<Ulid>
{
    /// <summary>Digits of the text.</summary>
    public const int TextLength = 26;

    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int DigitBits = 5;

    /// <summary>The time of its making, milliseconds since the epoch.</summary>
    public long TimestampMs => (long)(High >> 16);

    /// <summary>Makes a new name.</summary>
    /// <param name="time">Where the time comes from.</param>
    /// <param name="random">Where the random bits come from.</param>
    public static Ulid Create(TimeProvider time, Random random)
    {
        Span<byte> bits = stackalloc byte[10];
        random.NextBytes(bits);
        var timestampMs = (ulong)time.GetUtcNow().ToUnixTimeMilliseconds();
        return new Ulid(
            (timestampMs << 16) | BinaryPrimitives.ReadUInt16BigEndian(bits),
            BinaryPrimitives.ReadUInt64BigEndian(bits[2..]));
    }

    /// <summary>Reads the text, in capital letters only: it is the name of a directory.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Ulid value)
    {
        value = default;
        // The first digit holds the three bits that are left of 128.
        if (text.Length != TextLength || text[0] > '7')
            return false;
        UInt128 bits = 0;
        foreach (var digit in text)
        {
            var number = Digits.IndexOf(digit, StringComparison.Ordinal);
            if (number < 0)
                return false;
            bits = (bits << DigitBits) | (uint)number;
        }

        value = new Ulid((ulong)(bits >> 64), (ulong)bits);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Ulid other)
    {
        var order = High.CompareTo(other.High);
        return order != 0 ? order : Low.CompareTo(other.Low);
    }

    /// <summary>The 26 digits.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[TextLength];
        var bits = new UInt128(High, Low);
        for (var i = TextLength - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(bits & 0x1F)];
            bits >>= DigitBits;
        }

        return new string(text);
    }
}

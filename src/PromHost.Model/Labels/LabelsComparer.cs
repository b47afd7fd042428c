using System.Security.Cryptography;

namespace PromHost.Model;

/// <summary>
/// Compares label sets in dictionaries, and looks them up by the bytes of <see cref="Labels.Encoded"/> before a
/// <see cref="Labels"/> exists.
/// </summary>
public sealed class LabelsComparer : IEqualityComparer<Labels>,
    IAlternateEqualityComparer<ReadOnlySpan<byte>, Labels>
{
    // Seeded per process, so that a sender cannot prepare labels that all fall into one bucket.
    private static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    private LabelsComparer()
    {
    }

    /// <summary>The comparer; it has no state.</summary>
    public static LabelsComparer Instance { get; } = new();

    /// <inheritdoc/>
    public bool Equals(Labels x, Labels y) => x.Equals(y);

    /// <inheritdoc/>
    public int GetHashCode(Labels obj) => HashOf(obj.Encoded);

    /// <inheritdoc/>
    public bool Equals(ReadOnlySpan<byte> alternate, Labels other) => alternate.SequenceEqual(other.Encoded);

    /// <inheritdoc/>
    public int GetHashCode(ReadOnlySpan<byte> alternate) => HashOf(alternate);

    /// <inheritdoc/>
    public Labels Create(ReadOnlySpan<byte> alternate) => Labels.FromEncoded(alternate.ToArray());

    internal static int HashOf(ReadOnlySpan<byte> encoded)
    {
        var hash = XxHash64.Hash(encoded, Seed);
        return (int)(hash ^ (hash >> 32));
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace PromHost.Tsdb.Tests;

public class UniversalHashTests
{
    private static readonly byte[] Key = RandomBytes(1, UniversalHash.KeyBytes);

    private readonly UniversalHash _hash = new(Key);

    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 81), .. AroundKey(UniversalHash.MaxShortBytes)];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Hash_DependsOnEveryByte(int length)
    {
        var bytes = RandomBytes(length, length);
        var before = _hash.Hash(bytes);
        _hash.Hash([.. bytes]).Should().Be(before);
        for (var i = 0; i < length; i++)
        {
            foreach (var change in (byte[])[1, 0x80, 0xFF])
            {
                bytes[i] ^= change;
                if (_hash.Hash(bytes) == before) Assert.Fail($"byte {i} of {length} does not count");
                bytes[i] ^= change;
            }
        }
    }

    [Theory]
    [InlineData(24)]
    [InlineData(32)]
    [InlineData(77)]
    [InlineData(512)]
    [InlineData(5000)]
    public void Hash_DiffersByOrder(int length)
    {
        var bytes = RandomBytes(2, length);
        List<Vector256<ulong>> hashes = [_hash.Hash(bytes)];
        foreach (var size in (int[])[1, 2, 4, 8, 16, 32, 64])
        {
            for (var start = 0; start + (2 * size) <= length; start += size)
            {
                var swapped = WithSwapped(bytes, start, size);
                if (!swapped.SequenceEqual(bytes)) hashes.Add(_hash.Hash(swapped));
            }
        }

        hashes.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xFF)]
    public void Hash_DiffersByLength_OfBytesThatAreAllTheSame(byte value)
    {
        // Up to a block zeros are what it is filled with: who compares hashes compares lengths too.
        var hashes = Enumerable.Range(32, 600).Where(n => n % 32 == 0)
            .Select(n => _hash.Hash(Enumerable.Repeat(value, n).ToArray()));
        hashes.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Hash_ReadsNothingBesideTheBytes(int length)
    {
        var padded = RandomBytes(length, length + 128);
        var alone = padded.AsSpan(64, length).ToArray();
        _hash.Hash(padded.AsSpan(64, length)).Should().Be(_hash.Hash(alone));
        RandomNumberGenerator.Fill(padded.AsSpan(0, 64));
        RandomNumberGenerator.Fill(padded.AsSpan(64 + length));
        _hash.Hash(padded.AsSpan(64, length)).Should().Be(_hash.Hash(alone));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Hash_DependsOnTheKey(int length)
    {
        var bytes = RandomBytes(3, length);
        List<Vector256<ulong>> hashes = [.. Enumerable.Range(0, 50).Select(_ => new UniversalHash().Hash(bytes))];
        hashes.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Hash_IsThatOfThePaper(int length)
    {
        var bytes = RandomBytes(length, length);
        _hash.Hash(bytes).Should().Be(Plain(bytes));
    }

    [Fact]
    public void Hash_KeepsWhatOverflows()
    {
        var key = Enumerable.Repeat((byte)0xFF, UniversalHash.KeyBytes).ToArray();
        // All ones and one is zero; zeros stay all ones, the product of which is fe00000001 with zeros between.
        new UniversalHash(key).Hash(Ones(64)).Should().Be(Vector256<ulong>.Zero);
        new UniversalHash(key).Hash(new byte[64]).Should().Be(Vector256.Create(unchecked(8 * 0xFFFFFFFE00000001UL)));
    }

    [Fact]
    public void Multiply_IsTheSame_WithAndWithoutTheInstruction()
    {
        var random = new Random(5);
        for (var i = 0; i < 1000; i++)
        {
            var pairs = Vector256.Create(
                (ulong)random.NextInt64(), (ulong)random.NextInt64() << 1, ulong.MaxValue - (ulong)i, (ulong)i << 32);
            UniversalHash.MultiplyPlainly(pairs).Should().Be(UniversalHash.Multiply(pairs));
        }
    }

    // The definition, word by word, over the blocks.
    private static Vector256<ulong> Plain(byte[] bytes)
    {
        if (bytes.Length > UniversalHash.MaxShortBytes)
            return Vector256.Create<byte>(HMACSHA256.HashData(Key.AsSpan(0, 32), bytes)).AsUInt64();
        var message = new ArrayBufferWriter<byte>();
        if (bytes.Length < 32) message.Write([.. bytes, .. new byte[32 - bytes.Length]]);
        for (var start = 0; start < bytes.Length && bytes.Length >= 32; start += 32)
            message.Write(bytes.AsSpan(Math.Min(start, bytes.Length - 32), 32));
        var sums = new ulong[4];
        for (var pass = 0; pass < 4; pass++)
        {
            for (var at = 0; at < message.WrittenCount; at += 8)
            {
                var key = Key.AsSpan(32 + at + (pass * 8));
                var left = WordAt(message.WrittenSpan[at..]) + WordAt(key);
                var right = WordAt(message.WrittenSpan[(at + 4)..]) + WordAt(key[4..]);
                sums[pass] += (ulong)left * right;
            }
        }

        return Vector256.Create<ulong>(sums);
    }

    private static uint WordAt(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static int[] AroundKey(int length) =>
        [.. Enumerable.Range(length - 33, 68), length + 1000];

    private static byte[] Ones(int length) =>
        [.. Enumerable.Range(0, length).Select(i => (byte)(i % 4 == 0 ? 1 : 0))];

    private static byte[] WithSwapped(byte[] bytes, int start, int size)
    {
        byte[] swapped = [.. bytes];
        bytes.AsSpan(start, size).CopyTo(swapped.AsSpan(start + size));
        bytes.AsSpan(start + size, size).CopyTo(swapped.AsSpan(start));
        return swapped;
    }

    private static byte[] RandomBytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

namespace PromHost.Tsdb.Tests;

public class SeededHashTests
{
    private readonly SeededHash _hash = new(Enumerable.Range(7, 32).Select(i => (byte)(i * 37)).ToArray());

    [Fact]
    public void Hash_DependsOnEveryByte_AtEveryLength()
    {
        var random = new Random(1);
        for (var length = 1; length < 400; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var before = _hash.Hash(bytes);
            _hash.Hash(bytes.ToArray()).Should().Be(before);
            for (var i = 0; i < length; i++)
            {
                bytes[i] ^= 1;
                _hash.Hash(bytes).Should().NotBe(before);
                bytes[i] ^= 1;
            }
        }
    }

    [Fact]
    public void Hash_TellsZerosOfDifferentLengthsApart() =>
        Enumerable.Range(0, 500).Select(n => _hash.Hash(new byte[n])).Should().OnlyHaveUniqueItems();

    [Fact]
    public void Hash_SpreadsAllBits_OverCountedNames()
    {
        var ones = new int[64];
        const int Count = 20_000;
        for (var i = 0; i < Count; i++)
        {
            var hash = _hash.Hash(System.Text.Encoding.UTF8.GetBytes($"instance-{i:D6}"));
            for (var bit = 0; bit < 64; bit++) ones[bit] += (int)(hash >> bit) & 1;
        }

        ones.Should().OnlyContain(n => n > Count * 0.47 && n < Count * 0.53);
    }

    [Fact]
    public void Hash_DiffersByKey() => new SeededHash().Hash("a"u8).Should().NotBe(new SeededHash().Hash("a"u8));
}

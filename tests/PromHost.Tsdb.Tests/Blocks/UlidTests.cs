namespace PromHost.Tsdb.Tests;

public class UlidTests
{
    [Theory]
    [InlineData("01M7Z0CHTJ7TENGE3YDNPCYYCS")]
    [InlineData("00000000000000000000000000")]
    [InlineData("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")]
    public void TryParse_ReadsWhatToStringWrites(string text)
    {
        Ulid.TryParse(text, out var id).Should().BeTrue();

        id.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01M7Z0CHTJ7TENGE3YDNPCYYC")]
    [InlineData("01M7Z0CHTJ7TENGE3YDNPCYYCS0")]
    [InlineData("80000000000000000000000000")]
    [InlineData("01m7z0chtj7tenge3ydnpcyycs")]
    [InlineData("01M7Z0CHTJ7TENGE3YDNPCYYCU")]
    [InlineData("01M7Z0CHTJ7TENGE3YDNPCYYC-")]
    public void TryParse_Refuses_WhatIsNoUlid(string text) => Ulid.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Create_TakesTimeAndRandomBits_AsTheSpecificationSays()
    {
        // The example of the ULID specification: its time, then 80 bits.
        var time = new FixedTimeProvider(1469922850259);

        var id = Ulid.Create(time, new Random(1));

        id.ToString().Should().StartWith("01ARZ3NDEK");
        id.TimestampMs.Should().Be(1469922850259);
        Ulid.Create(time, new Random(2)).Should().NotBe(id);
    }

    [Fact]
    public void CompareTo_OrdersAsTheTextsDo()
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, 200)
            .Select(i => new Ulid((ulong)random.NextInt64(), (ulong)random.NextInt64()))
            .ToList();

        ids.Order().Select(id => id.ToString()).Should().Equal(
            ids.Select(id => id.ToString()).Order(StringComparer.Ordinal));
    }
}

namespace PromHost.Tsdb.Tests;

public class FreeNumbersTests
{
    [Fact]
    public void Take_GivesTheLowestFreeNumber_AfterAnyTakingAndReturning()
    {
        var random = new Random(1);
        var numbers = new FreeNumbers(pageBits: 4);
        var free = new SortedSet<int>();
        var used = new List<int>();
        var last = 0;
        for (var step = 0; step < 100_000; step++)
        {
            var isGrowing = step / 10_000 % 2 == 0;
            if (random.Next(10) < (isGrowing ? 7 : 3) || used.Count == 0)
            {
                var expected = free.Count > 0 ? free.Min : ++last;
                free.Remove(expected);
                numbers.Take().Should().Be(expected);
                used.Add(expected);
            }
            else
            {
                var index = random.Next(used.Count);
                var number = used[index];
                used[index] = used[^1];
                used.RemoveAt(used.Count - 1);
                free.Add(number);
                numbers.Return(number).Should().Be(!used.Exists(other => other >> 4 == number >> 4));
            }

            numbers.Count.Should().Be(used.Count);
            numbers.Last.Should().Be(last);
        }
    }
}

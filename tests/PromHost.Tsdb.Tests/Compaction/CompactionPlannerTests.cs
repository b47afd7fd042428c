using System.Globalization;

namespace PromHost.Tsdb.Tests;

public class CompactionPlannerTests
{
    private const long HourMs = 3_600_000;

    // Blocks of 2, 6, 18 and 54 hours.
    private static readonly CompactionPlanner Planner = new(2 * HourMs, 54 * HourMs);

    // A block is its hours, then letters: p partial, f failed, u unreadable, and t with tombstones per 100 series.
    [Theory]
    [InlineData("", "")]
    [InlineData("0-2", "")]
    [InlineData("0-2 2-4", "")]
    [InlineData("0-2 2-4 4-6", "")]
    // The newest one does not count, so three of a level are merged when the fourth is there.
    [InlineData("0-2 2-4 4-6 6-8", "0-2 2-4 4-6")]
    [InlineData("6-8 4-6 2-4 0-2", "0-2 2-4 4-6")]
    // Windows are aligned: 2-8 is none.
    [InlineData("2-4 4-6 6-8", "")]
    [InlineData("2-4 4-6 6-8 8-10", "2-4 4-6")]
    // A window with a hole gets no more blocks once a newer one is there.
    [InlineData("0-2 4-6 6-8", "0-2 4-6")]
    [InlineData("0-2 4-6 8-10 10-12", "0-2 4-6")]
    [InlineData("0-2 2-4 6-8", "")]
    [InlineData("0-2 2-4 6-8 8-10", "0-2 2-4")]
    [InlineData("0-2 6-8 12-14 14-16", "")]
    [InlineData("0-2 6-8 18-20", "")]
    [InlineData("0-2 6-8 18-20 20-22", "0-2 6-8")]
    [InlineData("0-2 8-10 20-22 22-24", "0-2 8-10")]
    // The lower level goes first, the older window before the newer one.
    [InlineData("0-6 6-12 12-18 18-20 20-22 22-24 24-26", "18-20 20-22 22-24")]
    [InlineData("0-6 6-12 12-18 18-24 24-26", "0-6 6-12 12-18")]
    [InlineData("0-2 2-4 4-6 6-8 8-10 10-12 12-14", "0-2 2-4 4-6")]
    [InlineData("0-6 6-12 12-14 14-16", "")]
    [InlineData("0-6 6-12 12-14 14-16 18-20", "")]
    [InlineData("0-6 6-12 12-14 14-16 18-20 20-22", "12-14 14-16")]
    [InlineData("0-6 6-12 12-16 18-20 20-22", "0-6 6-12 12-16")]
    [InlineData("0-18 18-36 36-54 54-56", "0-18 18-36 36-54")]
    [InlineData("0-54 54-108 108-162 162-164", "")]
    // A block that crosses the border of a window belongs to none.
    [InlineData("0-2 2-4 5-7 8-10 10-12", "0-2 2-4")]
    [InlineData("4-7 8-10 10-12 12-14 14-16", "8-10 10-12")]
    [InlineData("4-8 8-10 14-16", "")]
    [InlineData("4-8 8-10 14-16 18-20 20-22", "4-8 8-10 14-16")]
    // Before the epoch.
    [InlineData("-6--4 -4--2 -2-0 0-2", "-6--4 -4--2 -2-0")]
    [InlineData("-2-0 0-2 2-4 4-6", "")]
    [InlineData("-2-0 0-2 2-4 4-6 6-8", "0-2 2-4 4-6")]
    public void Plan_MergesWindowsOfALevel(string blocks, string expected) => AssertPlan(blocks, expected);

    [Theory]
    [InlineData("0-2 1-3", "0-2 1-3")]
    [InlineData("0-2 2-4 3-5", "2-4 3-5")]
    [InlineData("0-2 2-4 4-6 6-8 7-9", "6-8 7-9")]
    [InlineData("0-6 2-4 5-7 8-10", "0-6 2-4 5-7")]
    [InlineData("0-10 2-4 5-7 8-10 10-12", "0-10 2-4 5-7 8-10")]
    [InlineData("0-2 0-2 4-6 5-7", "0-2 0-2")]
    [InlineData("0-2 0-6 6-8", "0-2 0-6")]
    [InlineData("0-2f 1-3", "0-2f 1-3")]
    [InlineData("0-2u 1-3 4-6 5-7", "4-6 5-7")]
    public void Plan_MergesOverlapsFirst(string blocks, string expected) => AssertPlan(blocks, expected);

    [Theory]
    [InlineData("0-2 2-4f 4-6 6-8", "")]
    [InlineData("0-2 2-4u 4-6 6-8", "")]
    [InlineData("0-2f 2-4 4-6 6-8 8-10 10-12 12-14", "6-8 8-10 10-12")]
    public void Plan_PassesOverWindowsThatFailed(string blocks, string expected) => AssertPlan(blocks, expected);

    [Theory]
    // Long enough is 18 hours, the third of four lengths; 5 of 100 + 1 series are less than 5 %.
    [InlineData("0-18t5 54-56", "")]
    [InlineData("0-18t6 54-56", "0-18t6")]
    [InlineData("0-18t6", "")]
    [InlineData("0-18t6 18-36t6 54-56", "18-36t6")]
    [InlineData("0-18t6 18-36 54-56", "0-18t6")]
    [InlineData("0-6t50 54-56", "")]
    [InlineData("0-6t100 54-56", "0-6t100")]
    [InlineData("0-6t100u 54-56", "")]
    // What is behind a short block is not looked at.
    [InlineData("0-18t50 54-60 108-110", "")]
    [InlineData("0-2 2-4 4-6 18-36t50 36-54 54-56", "0-2 2-4 4-6")]
    public void Plan_RewritesWhatIsMostlyDeleted(string blocks, string expected) => AssertPlan(blocks, expected);

    [Theory]
    // The head begins at hour 6: a partial block that ends there is as any other.
    [InlineData("0-2 2-4 4-6p 6-8p", "")]
    [InlineData("0-2 2-4 4-6p 4-6", "4-6p 4-6")]
    [InlineData("0-2 2-4p 4-6 6-8 8-10", "0-2 2-4p 4-6")]
    // One that ends later is early: left alone,
    [InlineData("0-2 2-4 4-6 6-8p 8-10p", "")]
    [InlineData("0-2 4-7p 5-6", "")]
    [InlineData("0-2 2-4 6-8p 7-9", "")]
    // unless it overlaps another early one.
    [InlineData("0-2 2-4 4-6 6-8p 6-8p", "6-8p 6-8p")]
    [InlineData("4-8p 6-8p 8-10p", "4-8p 6-8p")]
    public void Plan_KeepsEarlyBlocksApart_UntilTheHeadHasMovedPast(string blocks, string expected) =>
        AssertPlan(blocks, expected, headMinHour: 6);

    [Fact]
    public void RangesMs_GrowThreefoldUpToTheLongestAllowed()
    {
        Assert.Equal([2 * HourMs, 6 * HourMs, 18 * HourMs], new CompactionPlanner(2 * HourMs, 36 * HourMs).RangesMs);
        Assert.Equal([2 * HourMs], new CompactionPlanner(2 * HourMs, HourMs).RangesMs);
        Assert.Equal(10, new CompactionPlanner(1, long.MaxValue).RangesMs.Length);
    }

    [Fact]
    public void Plan_MergesNothingButOverlaps_WhenThereIsOneLevel()
    {
        var planner = new CompactionPlanner(2 * HourMs, 2 * HourMs);
        Assert.Empty(planner.Plan(Parse("0-2 2-4 4-6 6-8 8-10"), long.MaxValue));
        var blocks = Parse("0-2 2-4 3-5 6-8");
        Assert.Equal(blocks[1..3], planner.Plan(blocks, long.MaxValue));
    }

    private static void AssertPlan(string blocks, string expected, long headMinHour = 1000)
    {
        var plan = Planner.Plan(Parse(blocks), headMinHour * HourMs);
        var texts = blocks.Split(' ');
        Assert.Equal(expected, string.Join(' ', plan.Select(block => texts[block.Id.Low])));
    }

    private static CompactionCandidate[] Parse(string blocks) =>
        [.. blocks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ParseBlock)];

    private static CompactionCandidate ParseBlock(string text, int number)
    {
        var flags = text.AsSpan(text.LastIndexOfAny([.. "0123456789"]) + 1);
        var hours = text[..^flags.Length];
        var tombstones = 0L;
        if (hours.Split('t') is [var range, var count])
        {
            hours = range;
            tombstones = long.Parse(count, CultureInfo.InvariantCulture);
        }

        var dash = hours.IndexOf('-', 1);
        return new CompactionCandidate(new Ulid(0, (ulong)number), Hours(hours[..dash]), Hours(hours[(dash + 1)..]))
        {
            SeriesCount = 100,
            TombstoneCount = tombstones,
            IsPartial = flags.Contains('p'),
            IsFailed = flags.Contains('f'),
            IsUnreadable = flags.Contains('u'),
        };
    }

    private static long Hours(string text) => long.Parse(text, CultureInfo.InvariantCulture) * HourMs;
}

using System.Globalization;

namespace PromHost.PromQL.Tests;

/// <summary>Random series as test scripts write them, a value for each of many steps.</summary>
/// <param name="random">What decides.</param>
internal sealed class RandomLines(Random random)
{
    /// <summary>How many steps a series has.</summary>
    public const int Steps = 60;

    /// <summary>
    /// Of three instances each: <c>g</c> and <c>f</c>, which come and go and have stale markers; <c>m</c>, which only
    /// grows and has short gaps; <c>h</c>, native histograms.
    /// </summary>
    public string[] Make() =>
    [
        .. Enumerable.Range(1, 3).SelectMany(i => (string[])
        [
            $"g{{i=\"{i}\"}} {Values(Float, mayEnd: true)}",
            $"f{{i=\"{i}\"}} {Values(Float, mayEnd: true)}",
            $"m{{i=\"{i}\"}} {Values(Growing(), mayEnd: false)}",
            $"h{{i=\"{i}\"}} {Values(Histogram(), mayEnd: true)}",
        ]),
    ];

    private string Values(Func<string> next, bool mayEnd)
    {
        var values = new List<string>();
        while (values.Count < Steps)
        {
            for (var run = random.Next(1, 15); run > 0; run--) values.Add(next());
            if (mayEnd && random.Next(2) == 0) values.Add("stale");
            for (var gap = random.Next(mayEnd ? 9 : 3); gap > 0; gap--) values.Add("_");
        }

        return string.Join(' ', values.Take(Steps));
    }

    private string Float() => random.Next(30) switch
    {
        0 => "NaN",
        1 => "Inf",
        2 => "0",
        _ => Text(random.Next(-80, 80) / 8.0),
    };

    private Func<string> Growing()
    {
        var value = 0.0;
        return () => Text(value += random.Next(40) / 8.0);
    }

    private Func<string> Histogram()
    {
        var schema = random.Next(-1, 3);
        var offset = random.Next(-4, 3);
        return () =>
        {
            int[] positive = [.. Enumerable.Range(0, 4).Select(_ => random.Next(9))];
            int[] negative = [.. Enumerable.Range(0, 2).Select(_ => random.Next(5))];
            var zero = random.Next(4);
            var count = positive.Sum() + negative.Sum() + zero;
            return string.Create(CultureInfo.InvariantCulture, $"{{{{schema:{schema} offset:{offset} count:{count} ") +
                string.Create(CultureInfo.InvariantCulture, $"sum:{random.Next(90)} z_bucket:{zero} ") +
                "z_bucket_w:0.001 " +
                $"buckets:[{string.Join(' ', positive)}] n_buckets:[{string.Join(' ', negative)}]}}}}";
        };
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}

using PromHost.Model;

namespace PromHost.PromQL.Tests;

/// <summary>The range functions written down plainly, a window at a time.</summary>
internal static class ReferenceRangeFunctions
{
    public static double? Compute(string function, FloatSample[] w, long timeMs, long rangeMs)
    {
        var values = w.Select(s => s.Value).ToArray();
        switch (function)
        {
            case "rate(X)": return Rate(w, timeMs, rangeMs, counter: true);
            case "increase(X)": return Rate(w, timeMs, rangeMs, counter: true, perSecond: false);
            case "delta(X)": return Rate(w, timeMs, rangeMs, counter: false, perSecond: false);
            case "irate(X)": return LastTwo(w, counter: true) / (w.Length < 2 ? 1 : Seconds(w[^1], w[^2]));
            case "idelta(X)": return LastTwo(w, counter: false);
            case "resets(X)": return Pairs(values).Count(p => p.Next < p.Before);
            case "changes(X)":
                return Pairs(values).Count(p =>
                    p.Next != p.Before && !(double.IsNaN(p.Next) && double.IsNaN(p.Before)));
            case "deriv(X)": return w.Length < 2 ? null : Fit(w, w[0].TimestampMs).Slope;
            case "predict_linear(X, 60)":
                if (w.Length < 2) return null;
                var (slope, intercept) = Fit(w, timeMs);
                return slope * 60 + intercept;
            case "double_exponential_smoothing(X, 0.3, 0.6)": return Smooth(values, 0.3, 0.6);
            default: return ComputeOverTime(function, w, values);
        }
    }

    private static double ComputeOverTime(string function, FloatSample[] w, double[] values) => function switch
    {
        "sum_over_time(X)" => Sum(values),
        "avg_over_time(X)" => Average(values),
        "min_over_time(X)" => values[Best(values, (v, b) => v < b)],
        "max_over_time(X)" => values[Best(values, (v, b) => v > b)],
        "ts_of_min_over_time(X)" => w[Best(values, (v, b) => v <= b)].TimestampMs / 1000.0,
        "ts_of_max_over_time(X)" => w[Best(values, (v, b) => v >= b)].TimestampMs / 1000.0,
        "ts_of_first_over_time(X)" => w[0].TimestampMs / 1000.0,
        "ts_of_last_over_time(X)" => w[^1].TimestampMs / 1000.0,
        "count_over_time(X)" => w.Length,
        "present_over_time(X)" => 1,
        "first_over_time(X)" => values[0],
        "last_over_time(X)" => values[^1],
        "stdvar_over_time(X)" => Variance(values),
        "stddev_over_time(X)" => Math.Sqrt(Variance(values)),
        "quantile_over_time(0.3, X)" => Quantile(0.3, values),
        "quantile_over_time(2, X)" => double.PositiveInfinity,
        "mad_over_time(X)" => Mad(values),
        _ => throw new ArgumentException(function, nameof(function)),
    };

    private static IEnumerable<(double Before, double Next)> Pairs(double[] values) => values.Zip(values.Skip(1));

    private static double Seconds(FloatSample late, FloatSample early) =>
        (late.TimestampMs - early.TimestampMs) / 1000.0;

    private static double? LastTwo(FloatSample[] w, bool counter)
    {
        if (w.Length < 2) return null;
        return counter && w[^1].Value < w[^2].Value ? w[^1].Value : w[^1].Value - w[^2].Value;
    }

    private static double? Rate(FloatSample[] w, long timeMs, long rangeMs, bool counter, bool perSecond = true)
    {
        if (w.Length < 2) return null;
        var result = w[^1].Value - w[0].Value;
        if (counter)
        {
            foreach (var (before, next) in Pairs([.. w.Select(s => s.Value)]))
            {
                if (next < before) result += before;
            }
        }

        var toStart = (w[0].TimestampMs - (timeMs - rangeMs)) / 1000.0;
        var toEnd = (timeMs - w[^1].TimestampMs) / 1000.0;
        var sampled = Seconds(w[^1], w[0]);
        var average = sampled / (w.Length - 1);
        if (toStart >= average * 1.1) toStart = average / 2;
        if (counter)
        {
            var toZero = toStart;
            if (result > 0 && w[0].Value >= 0) toZero = sampled * (w[0].Value / result);
            if (toZero < toStart) toStart = toZero;
        }

        if (toEnd >= average * 1.1) toEnd = average / 2;
        var factor = (sampled + toStart + toEnd) / sampled;
        if (perSecond) factor /= rangeMs / 1000.0;
        return result * factor;
    }

    private static (double Sum, double C) Inc(double inc, double sum, double c)
    {
        var t = sum + inc;
        if (double.IsInfinity(t)) return (t, 0);
        return Math.Abs(sum) >= Math.Abs(inc) ? (t, c + (sum - t + inc)) : (t, c + (inc - t + sum));
    }

    private static double Sum(double[] values)
    {
        var (sum, c) = values.Aggregate((0.0, 0.0), (a, v) => Inc(v, a.Item1, a.Item2));
        return double.IsInfinity(sum) ? sum : sum + c;
    }

    private static double Average(double[] values)
    {
        double sum = values[0], c = 0, mean = 0, count = 1;
        var incremental = false;
        for (var i = 1; i < values.Length; i++)
        {
            count = i + 1;
            if (!incremental)
            {
                var (nextSum, nextC) = Inc(values[i], sum, c);
                if (!double.IsInfinity(nextSum))
                {
                    (sum, c) = (nextSum, nextC);
                    continue;
                }

                incremental = true;
                mean = sum / (count - 1);
                c /= count - 1;
            }

            var q = (count - 1) / count;
            (mean, c) = Inc(values[i] / count, q * mean, q * c);
        }

        return incremental ? mean + c : sum / count + c / count;
    }

    private static int Best(double[] values, Func<double, double, bool> better)
    {
        var best = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (better(values[i], values[best]) || double.IsNaN(values[best])) best = i;
        }

        return best;
    }

    private static double Variance(double[] values)
    {
        double count = 0, mean = 0, cMean = 0, aux = 0, cAux = 0;
        foreach (var v in values)
        {
            count++;
            var delta = v - (mean + cMean);
            (mean, cMean) = Inc(delta / count, mean, cMean);
            (aux, cAux) = Inc(delta * (v - (mean + cMean)), aux, cAux);
        }

        return (aux + cAux) / count;
    }

    // .NET orders NaN first, as PromQL does.
    private static double Quantile(double q, double[] values)
    {
        var sorted = values.Order().ToArray();
        double n = sorted.Length;
        var rank = q * (n - 1);
        var lower = Math.Max(0, Math.Floor(rank));
        var upper = Math.Min(n - 1, lower + 1);
        var weight = rank - Math.Floor(rank);
        return sorted[(int)lower] * (1 - weight) + sorted[(int)upper] * weight;
    }

    private static double Mad(double[] values)
    {
        if (values.Any(double.IsNaN)) return double.NaN;
        var median = Quantile(0.5, values);
        return Quantile(0.5, [.. values.Select(v => Math.Abs(v - median))]);
    }

    private static (double Slope, double Intercept) Fit(FloatSample[] w, long originMs)
    {
        double n = 0, sumX = 0, cX = 0, sumY = 0, cY = 0, sumXY = 0, cXY = 0, sumX2 = 0, cX2 = 0;
        foreach (var s in w)
        {
            n++;
            var x = (s.TimestampMs - originMs) / 1e3;
            (sumX, cX) = Inc(x, sumX, cX);
            (sumY, cY) = Inc(s.Value, sumY, cY);
            (sumXY, cXY) = Inc(x * s.Value, sumXY, cXY);
            (sumX2, cX2) = Inc(x * x, sumX2, cX2);
        }

        if (w.Skip(1).All(s => s.Value == w[0].Value))
            return double.IsInfinity(w[0].Value) ? (double.NaN, double.NaN) : (0, w[0].Value);
        sumX += cX;
        sumY += cY;
        sumXY += cXY;
        sumX2 += cX2;
        var slope = (sumXY - sumX * sumY / n) / (sumX2 - sumX * sumX / n);
        return (slope, sumY / n - slope * sumX / n);
    }

    private static double? Smooth(double[] values, double sf, double tf)
    {
        if (values.Length < 2) return null;
        double s0 = 0, s1 = values[0], b = values[1] - values[0];
        for (var i = 1; i < values.Length; i++)
        {
            if (i > 1) b = tf * (s1 - s0) + (1 - tf) * b;
            (s0, s1) = (s1, sf * values[i] + (1 - sf) * (s1 + b));
        }

        return s1;
    }
}

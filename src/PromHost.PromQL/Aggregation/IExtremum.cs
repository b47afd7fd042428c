// Hot path: compares every value of min and max.
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>Which of two values an extremum prefers.</summary>
internal interface IExtremum
{
    /// <summary>Lanes of all ones where the candidate beats the best so far.</summary>
    static abstract Vector256<double> Beats(Vector256<double> candidate, Vector256<double> best);

    /// <summary>Does the candidate beat the best so far?</summary>
    static abstract bool Beats(double candidate, double best);
}

/// <summary>Prefers the larger.</summary>
internal readonly struct LargerWins : IExtremum
{
    public static Vector256<double> Beats(Vector256<double> candidate, Vector256<double> best) =>
        Vector256.GreaterThan(candidate, best);

    public static bool Beats(double candidate, double best) => candidate > best;
}

/// <summary>Prefers the smaller.</summary>
internal readonly struct SmallerWins : IExtremum
{
    public static Vector256<double> Beats(Vector256<double> candidate, Vector256<double> best) =>
        Vector256.LessThan(candidate, best);

    public static bool Beats(double candidate, double best) => candidate < best;
}

// Hot path: every element of every comparison.
namespace PromHost.PromQL;

/// <summary>A comparison of two floats; NaN is unequal to everything.</summary>
internal interface IComparison
{
    /// <summary>Does it hold?</summary>
    static abstract bool Holds(double left, double right);
}

/// <summary><c>==</c></summary>
internal readonly struct IsEqual : IComparison
{
    public static bool Holds(double left, double right) => left == right;
}

/// <summary><c>!=</c></summary>
internal readonly struct IsNotEqual : IComparison
{
    public static bool Holds(double left, double right) => left != right;
}

/// <summary><c>&gt;</c></summary>
internal readonly struct IsGreater : IComparison
{
    public static bool Holds(double left, double right) => left > right;
}

/// <summary><c>&lt;</c></summary>
internal readonly struct IsLess : IComparison
{
    public static bool Holds(double left, double right) => left < right;
}

/// <summary><c>&gt;=</c></summary>
internal readonly struct IsGreaterOrEqual : IComparison
{
    public static bool Holds(double left, double right) => left >= right;
}

/// <summary><c>&lt;=</c></summary>
internal readonly struct IsLessOrEqual : IComparison
{
    public static bool Holds(double left, double right) => left <= right;
}

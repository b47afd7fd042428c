// Hot path: every element of every arithmetic operation.
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>An arithmetic operation on two floats.</summary>
internal interface IArithmetic
{
    /// <summary>The operation.</summary>
    static abstract double Apply(double left, double right);
}

/// <summary>An arithmetic operation that also works on four lanes.</summary>
internal interface IVectorArithmetic : IArithmetic
{
    /// <summary>The operation, lane by lane.</summary>
    static abstract Vector256<double> Apply(Vector256<double> left, Vector256<double> right);
}

/// <summary><c>+</c></summary>
internal readonly struct Addition : IVectorArithmetic
{
    public static double Apply(double left, double right) => left + right;

    public static Vector256<double> Apply(Vector256<double> left, Vector256<double> right) => left + right;
}

/// <summary><c>-</c></summary>
internal readonly struct Subtraction : IVectorArithmetic
{
    public static double Apply(double left, double right) => left - right;

    public static Vector256<double> Apply(Vector256<double> left, Vector256<double> right) => left - right;
}

/// <summary><c>*</c></summary>
internal readonly struct Multiplication : IVectorArithmetic
{
    public static double Apply(double left, double right) => left * right;

    public static Vector256<double> Apply(Vector256<double> left, Vector256<double> right) => left * right;
}

/// <summary><c>/</c></summary>
internal readonly struct Division : IVectorArithmetic
{
    public static double Apply(double left, double right) => left / right;

    public static Vector256<double> Apply(Vector256<double> left, Vector256<double> right) => left / right;
}

/// <summary><c>%</c>: the remainder has the sign of the dividend.</summary>
internal readonly struct Remainder : IArithmetic
{
    public static double Apply(double left, double right) => left % right;
}

/// <summary><c>^</c></summary>
internal readonly struct Power : IArithmetic
{
    public static double Apply(double left, double right) => Math.Pow(left, right);
}

/// <summary><c>atan2</c></summary>
internal readonly struct ArcTangent : IArithmetic
{
    public static double Apply(double left, double right) => Math.Atan2(left, right);
}

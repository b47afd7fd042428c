// Hot path: every element of every function of one float.
namespace PromHost.PromQL;

/// <summary>The functions of one float, each a type argument of <see cref="MapOperator{TMap}"/>.</summary>
internal static class FloatMaps
{
    /// <summary><c>abs</c></summary>
    public readonly struct AbsoluteValue : IMap
    {
        public static double Apply(double value) => Math.Abs(value);
    }

    /// <summary><c>ceil</c></summary>
    public readonly struct Ceiling : IMap
    {
        public static double Apply(double value) => Math.Ceiling(value);
    }

    /// <summary><c>floor</c></summary>
    public readonly struct Floor : IMap
    {
        public static double Apply(double value) => Math.Floor(value);
    }

    /// <summary><c>exp</c></summary>
    public readonly struct Exponential : IMap
    {
        public static double Apply(double value) => Math.Exp(value);
    }

    /// <summary><c>sqrt</c></summary>
    public readonly struct SquareRoot : IMap
    {
        public static double Apply(double value) => Math.Sqrt(value);
    }

    /// <summary><c>ln</c></summary>
    public readonly struct NaturalLogarithm : IMap
    {
        public static double Apply(double value) => Math.Log(value);
    }

    /// <summary><c>log2</c></summary>
    public readonly struct BinaryLogarithm : IMap
    {
        public static double Apply(double value) => Math.Log2(value);
    }

    /// <summary><c>log10</c></summary>
    public readonly struct DecimalLogarithm : IMap
    {
        public static double Apply(double value) => Math.Log10(value);
    }

    /// <summary><c>sin</c></summary>
    public readonly struct Sine : IMap
    {
        public static double Apply(double value) => Math.Sin(value);
    }

    /// <summary><c>cos</c></summary>
    public readonly struct Cosine : IMap
    {
        public static double Apply(double value) => Math.Cos(value);
    }

    /// <summary><c>tan</c></summary>
    public readonly struct Tangent : IMap
    {
        public static double Apply(double value) => Math.Tan(value);
    }

    /// <summary><c>asin</c></summary>
    public readonly struct ArcSine : IMap
    {
        public static double Apply(double value) => Math.Asin(value);
    }

    /// <summary><c>acos</c></summary>
    public readonly struct ArcCosine : IMap
    {
        public static double Apply(double value) => Math.Acos(value);
    }

    /// <summary><c>atan</c></summary>
    public readonly struct ArcTangent : IMap
    {
        public static double Apply(double value) => Math.Atan(value);
    }

    /// <summary><c>sinh</c></summary>
    public readonly struct HyperbolicSine : IMap
    {
        // As Go, from which on the other half of the sum is nothing: overflows with exp, a little before sinh would.
        public static double Apply(double value) => Math.Abs(value) > 21
            ? Math.CopySign(Math.Exp(Math.Abs(value)) * 0.5, value)
            : Math.Sinh(value);
    }

    /// <summary><c>cosh</c></summary>
    public readonly struct HyperbolicCosine : IMap
    {
        public static double Apply(double value) => Math.Abs(value) > 21
            ? Math.Exp(Math.Abs(value)) * 0.5
            : Math.Cosh(value);
    }

    /// <summary><c>tanh</c></summary>
    public readonly struct HyperbolicTangent : IMap
    {
        public static double Apply(double value) => Math.Tanh(value);
    }

    /// <summary><c>asinh</c></summary>
    public readonly struct AreaHyperbolicSine : IMap
    {
        public static double Apply(double value) => Math.Asinh(value);
    }

    /// <summary><c>acosh</c></summary>
    public readonly struct AreaHyperbolicCosine : IMap
    {
        public static double Apply(double value) => Math.Acosh(value);
    }

    /// <summary><c>atanh</c></summary>
    public readonly struct AreaHyperbolicTangent : IMap
    {
        public static double Apply(double value) => Math.Atanh(value);
    }

    /// <summary><c>rad</c></summary>
    public readonly struct DegreesToRadians : IMap
    {
        public static double Apply(double value) => value * Math.PI / 180;
    }

    /// <summary><c>deg</c></summary>
    public readonly struct RadiansToDegrees : IMap
    {
        public static double Apply(double value) => value * 180 / Math.PI;
    }

    /// <summary><c>sgn</c>: NaN and both zeros stay what they are.</summary>
    public readonly struct Signum : IMap
    {
        public static double Apply(double value) => value < 0 ? -1 : value > 0 ? 1 : value;
    }
}

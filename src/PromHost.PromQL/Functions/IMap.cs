namespace PromHost.PromQL;

/// <summary>A function of one float.</summary>
internal interface IMap
{
    /// <summary>The function.</summary>
    static abstract double Apply(double value);
}

/// <summary>The sign changed.</summary>
internal readonly struct Negation : IMap
{
    public static double Apply(double value) => -value;
}

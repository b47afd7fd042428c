namespace PromHost.PromQL;

/// <summary>The parameter of an aggregation at every step, and what is known of all of them together.</summary>
internal readonly struct ParameterValues
{
    private ParameterValues(double[] values, double smallest, double largest, bool hasNaN)
    {
        Values = values;
        Smallest = smallest;
        Largest = largest;
        HasNaN = hasNaN;
    }

    /// <summary>A value per step.</summary>
    public double[] Values { get; }

    /// <summary>The smallest value; NaN when there is one.</summary>
    public double Smallest { get; }

    /// <summary>The largest value; NaN when there is one.</summary>
    public double Largest { get; }

    /// <summary>Is any value NaN?</summary>
    public bool HasNaN { get; }

    /// <summary>Evaluates the parameter.</summary>
    public static ParameterValues Evaluate(ScalarOperator parameter, StepGrid grid)
    {
        var values = new double[grid.Count];
        parameter.Evaluate(values);
        var smallest = double.MaxValue;
        var largest = double.MinValue;
        var hasNaN = false;
        foreach (var value in values)
        {
            smallest = GoMath.Min(smallest, value);
            largest = GoMath.Max(largest, value);
            hasNaN |= double.IsNaN(value);
        }

        return new ParameterValues(values, smallest, largest, hasNaN);
    }
}

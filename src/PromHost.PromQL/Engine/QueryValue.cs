namespace PromHost.PromQL;

/// <summary>
/// The value of a query: <see cref="ScalarResult"/>, <see cref="StringResult"/>, <see cref="VectorResult"/> or
/// <see cref="MatrixResult"/>; of a query that is only planned <see cref="NoResult"/>.
/// </summary>
public abstract record QueryValue
{
    private protected QueryValue(ValueType type) => Type = type;

    /// <summary>Which of them it is.</summary>
    public ValueType Type { get; }
}

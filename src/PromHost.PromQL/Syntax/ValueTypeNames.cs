namespace PromHost.PromQL;

/// <summary>The names of value types in answers and in error texts.</summary>
public static class ValueTypeNames
{
    /// <summary>The name used in HTTP answers: <c>scalar</c>, <c>vector</c>, <c>matrix</c>, <c>string</c>.</summary>
    public static string ToWireName(this ValueType type) => type switch
    {
        ValueType.Scalar => "scalar",
        ValueType.Vector => "vector",
        ValueType.Matrix => "matrix",
        _ => "string",
    };

    /// <summary>The name used in error texts, where a vector is an <c>instant vector</c>.</summary>
    public static string ToDocumentedName(this ValueType type) => type switch
    {
        ValueType.Scalar => "scalar",
        ValueType.Vector => "instant vector",
        ValueType.Matrix => "range vector",
        _ => "string",
    };
}

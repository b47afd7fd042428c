namespace PromHost.PromQL;

/// <summary>What an expression evaluates to. The type of every node is known after parsing.</summary>
public enum ValueType
{
    /// <summary>One number per step.</summary>
    Scalar,

    /// <summary>An instant vector: at most one sample per series and step.</summary>
    Vector,

    /// <summary>A range vector: a window of samples per series and step.</summary>
    Matrix,

    /// <summary>A string; only literals have this type.</summary>
    String,
}

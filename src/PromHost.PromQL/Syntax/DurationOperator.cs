namespace PromHost.PromQL;

/// <summary>What a duration expression does with its operands.</summary>
public enum DurationOperator
{
    /// <summary><c>+</c>, with one operand a sign that changes nothing</summary>
    Add,

    /// <summary><c>-</c>, with one operand a negation</summary>
    Subtract,

    /// <summary><c>*</c></summary>
    Multiply,

    /// <summary><c>/</c></summary>
    Divide,

    /// <summary><c>%</c></summary>
    Modulo,

    /// <summary><c>^</c></summary>
    Power,

    /// <summary><c>step()</c>: the step of the query</summary>
    Step,

    /// <summary><c>range()</c>: the range of the query</summary>
    Range,

    /// <summary><c>min_of(a, b)</c></summary>
    MinOf,

    /// <summary><c>max_of(a, b)</c></summary>
    MaxOf,
}

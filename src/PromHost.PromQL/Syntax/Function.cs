namespace PromHost.PromQL;

/// <summary>The signature of a function.</summary>
/// <param name="Name">The name as written in an expression.</param>
/// <param name="ArgumentTypes">The types of the arguments; the last one repeats for a variadic function.</param>
/// <param name="Variadic">
/// 0: exactly <paramref name="ArgumentTypes"/>. Greater: the last argument may stand from 0 to so many times.
/// Negative: any number of times.
/// </param>
/// <param name="ReturnType">What a call evaluates to.</param>
/// <param name="IsExperimental">Is it behind <see cref="ParserOptions.ExperimentalFunctions"/>?</param>
public sealed record Function(
    string Name,
    IReadOnlyList<ValueType> ArgumentTypes,
    int Variadic,
    ValueType ReturnType,
    bool IsExperimental = false);

namespace PromHost.Conformance.Tests;

/// <summary>A script, or one command of it, does not pass.</summary>
/// <param name="failure">In which way.</param>
/// <param name="message">What was expected, and what came instead.</param>
/// <param name="innerException">The cause.</param>
internal sealed class ScriptException(ScriptFailure failure, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>In which way.</summary>
    public ScriptFailure Failure { get; } = failure;
}

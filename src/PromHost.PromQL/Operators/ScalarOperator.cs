namespace PromHost.PromQL;

/// <summary>A node of the evaluation whose value is a scalar at every step of a grid.</summary>
internal abstract class ScalarOperator(StepGrid grid) : IDisposable
{
    /// <summary>The steps.</summary>
    public StepGrid Grid { get; } = grid;

    /// <summary>Evaluates all steps at once.</summary>
    /// <param name="values">Of the grid's length; filled.</param>
    /// <exception cref="QueryException">The evaluation failed.</exception>
    public abstract void Evaluate(Span<double> values);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

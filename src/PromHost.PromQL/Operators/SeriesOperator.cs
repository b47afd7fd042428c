namespace PromHost.PromQL;

/// <summary>
/// A node of the evaluation whose value is an instant vector at every step of a grid. It emits one series at a time
/// as a row over the whole grid.
/// </summary>
/// <remarks>
/// Life cycle: <see cref="Open"/> once, then <see cref="TryNext"/> until it answers false (some checks can be made only
/// then; an operator that reads another must do the same), then dispose. Whatever work
/// must come before the first row (selecting series, reading the held side of a join) belongs into <see cref="Open"/>.
/// An operator owns its inputs and disposes them. One thread at a time.
/// </remarks>
internal abstract class SeriesOperator(StepGrid grid) : IDisposable
{
    /// <summary>The steps that each row covers.</summary>
    public StepGrid Grid { get; } = grid;

    /// <summary>Gets ready and tells the series that will come, in the order of the rows.</summary>
    /// <exception cref="QueryException">The evaluation failed.</exception>
    public abstract IReadOnlyList<OutputSeries> Open();

    /// <summary>
    /// Emits the next series. A series may turn out to have no point at all; its row is emitted nevertheless.
    /// </summary>
    /// <param name="row">Of the grid's length; cleared and filled. Owned by the caller.</param>
    /// <returns>False when there are no more series; the row then means nothing.</returns>
    /// <exception cref="QueryException">The evaluation failed.</exception>
    public abstract bool TryNext(SeriesRow row);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

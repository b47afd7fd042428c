namespace PromHost.PromQL;

/// <summary>Float rows kept for later, by number. Accounts for the points it keeps until it is disposed.</summary>
internal sealed class HeldRows(QueryContext context, int stepCount) : IDisposable
{
    private readonly StepColumns<double> _values = new(stepCount);
    private readonly StepColumns<ulong> _presence = new(PresenceBits.WordCount(stepCount));
    private long _heldSamples;

    /// <summary>Keeps a copy of a row's floats.</summary>
    public void Keep(int index, SeriesRow row)
    {
        var count = row.CountPresent();
        _heldSamples += count;
        context.HoldSamples(count);
        context.HoldBytes(SeriesRow.BytesOf(stepCount));
        row.Values.CopyTo(_values.Row(index));
        row.Presence.CopyTo(_presence.Row(index));
    }

    /// <summary>The values of a row.</summary>
    public Span<double> Values(int index) => _values.Row(index);

    /// <summary>The presence words of a row.</summary>
    public Span<ulong> Presence(int index) => _presence.Row(index);

    /// <inheritdoc/>
    public void Dispose()
    {
        context.ReleaseSamples(_heldSamples);
        _heldSamples = 0;
    }
}

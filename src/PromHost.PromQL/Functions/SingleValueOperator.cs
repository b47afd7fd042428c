namespace PromHost.PromQL;

/// <summary>The function <c>scalar</c>: the float of a vector that holds exactly one, else NaN.</summary>
internal sealed class SingleValueOperator(SeriesOperator input) : ScalarOperator(input.Grid)
{
    public override void Evaluate(Span<double> values)
    {
        input.Open();
        var row = new SeriesRow(Grid.Count);
        var words = PresenceBits.WordCount(Grid.Count);
        var once = new ulong[words];
        var twice = new ulong[words];
        while (input.TryNext(row))
        {
            row.RemoveHistograms();
            for (var step = 0; step < values.Length; step++)
            {
                if (row.Has(step)) values[step] = row.Values[step];
            }

            for (var word = 0; word < words; word++)
            {
                twice[word] |= once[word] & row.Presence[word];
                once[word] |= row.Presence[word];
            }
        }

        for (var step = 0; step < values.Length; step++)
        {
            if (!PresenceBits.Has(once, step) || PresenceBits.Has(twice, step)) values[step] = double.NaN;
        }
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}

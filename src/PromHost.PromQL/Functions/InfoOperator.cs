using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The function <c>info</c>: adds labels of info series to series of the same <c>instance</c> and <c>job</c>. Where the
/// info series changes over time, a series falls into several, one for each combination of info series.
/// </summary>
/// <param name="context">The query's.</param>
/// <param name="input">The series to be enriched; they stream.</param>
/// <param name="info">The info series, with their names; rows of sample times in seconds.</param>
/// <param name="matchers">The second argument.</param>
/// <param name="counts">Where the samples of info series are counted.</param>
internal sealed class InfoOperator(
    QueryContext context, SeriesOperator input, SeriesOperator info, InfoMatchers matchers, QuerySampleCounts counts)
    : SeriesOperator(input.Grid)
{
    private readonly InfoSide _side = new(context, input.Grid);
    private readonly SeriesRow _inputRow = new(input.Grid.Count);
    private readonly ulong[] _inputSteps = new ulong[PresenceBits.WordCount(input.Grid.Count)];
    private readonly List<Entry> _entries = [];
    private IReadOnlyList<OutputSeries> _series = [];
    private bool[] _isInfo = [];
    private int _position = -1;
    private int _nextEntry;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = input.Open();
        _series = series;
        var isInfo = _isInfo = new bool[series.Count];
        for (var i = 0; i < isInfo.Length; i++) isInfo[i] = matchers.MatchesName(series[i].Labels.MetricNameValue);
        _side.Read(info.Open(), info, series.Where((_, i) => !isInfo[i]).Select(static s => s.Labels));
        var combinations = new Dictionary<int, List<Combination>>();
        var outputs = new List<OutputSeries>();
        var builder = new LabelsBuilder();
        for (var i = 0; i < series.Count; i++)
        {
            if (isInfo[i])
            {
                _entries.Add(new Entry(i, null, null));
                outputs.Add(series[i]);
                continue;
            }

            var identity = _side.IdentityOf(series[i].Labels);
            if (!combinations.TryGetValue(identity, out var found))
                combinations.Add(identity, found = Combine(_side.NewestOf(identity)));
            foreach (var combination in found)
            {
                if (combination.Series.Count == 0 && matchers.Data.Any(static m => !m.MatchesEmpty)) continue;
                var labels = Enrich(builder, series[i].Labels, combination.Series, out var conflict);
                _entries.Add(new Entry(i, combination.Steps, conflict));
                outputs.Add(series[i] with { Labels = labels });
            }
        }

        if (outputs.Count == 0) Finish();
        return outputs;
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_nextEntry == _entries.Count) return false;
        var entry = _entries[_nextEntry++];
        while (_position < entry.Series) TryReadInput();
        row.CopyFrom(_inputRow);
        if (_nextEntry == _entries.Count) Finish();
        if (entry.Steps is null) return true;
        PresenceBits.And(row.Presence, entry.Steps);
        if (entry.Conflict is not null && PresenceBits.Any(row.Presence))
            throw new QueryException(QueryErrorKind.Execution, $"conflicting label: {entry.Conflict}");
        return true;
    }

    public override void Dispose()
    {
        _side.Dispose();
        input.Dispose();
        info.Dispose();
        base.Dispose();
    }

    // Errors come no later than the last row: not everybody asks on.
    private void Finish()
    {
        while (TryReadInput())
        {
        }

        _side.CountAsked(counts);
        _side.ThrowIfAmbiguous(_inputSteps);
    }

    private bool TryReadInput()
    {
        if (!input.TryNext(_inputRow)) return false;
        _position++;
        PresenceBits.Or(_inputSteps, _inputRow.Presence);
        if (!_isInfo[_position] && PresenceBits.Any(_inputRow.Presence)) _side.Ask(_series[_position].Labels);
        return true;
    }

    // Splits the steps by which info series are the newest there, one per info metric.
    private List<Combination> Combine(IReadOnlyList<int[]> newest)
    {
        var found = new List<Combination>();
        for (var step = 0; step < Grid.Count; step++)
        {
            List<int> series = [.. newest.Select(n => n[step]).Where(static n => n != InfoSide.None)];
            var combination = found.Find(c => c.Series.SequenceEqual(series));
            if (combination is null) found.Add(combination = new Combination(series, new ulong[_inputSteps.Length]));
            PresenceBits.Set(combination.Steps, step);
        }

        return found;
    }

    private Labels Enrich(LabelsBuilder builder, Labels labels, List<int> infoSeries, out string? conflict)
    {
        conflict = null;
        builder.Reset(labels);
        foreach (var series in infoSeries)
        {
            foreach (var label in _side.LabelsOf(series))
            {
                if (label.Name.SequenceEqual(Labels.MetricNameUtf8) || !matchers.Takes(label.Name)) continue;
                if (labels.Has(label.Name)) continue;
                var taken = builder.Get(label.Name);
                if (!taken.IsEmpty && !taken.SequenceEqual(label.Value))
                    conflict ??= System.Text.Encoding.UTF8.GetString(label.Name);
                builder.Set(label.Name, label.Value);
            }
        }

        return builder.ToLabels();
    }

    private sealed record Combination(List<int> Series, ulong[] Steps);

    private readonly record struct Entry(int Series, ulong[]? Steps, string? Conflict);
}

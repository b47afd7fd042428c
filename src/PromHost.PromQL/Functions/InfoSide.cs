using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The info series of a call of <c>info</c>, read to the end: per name and identity (the labels <c>instance</c> and
/// <c>job</c>) the series whose sample is the newest at each step.
/// </summary>
internal sealed class InfoSide(QueryContext context, StepGrid grid) : IDisposable
{
    /// <summary>No info series at a step.</summary>
    public const int None = -1;

    private static readonly LabelNameSet[] s_identifying = [new("instance"), new("job")];

    private readonly LabelsIndex _identities = new();
    private readonly Dictionary<(string Name, int Identity), int[]> _newest = [];
    private readonly List<string> _names = [];
    private readonly List<(int First, int Second, int Step, long TimeMs)> _conflicts = [];
    private readonly List<(int Series, ulong[] Steps)> _read = [];
    private readonly HashSet<Labels>[] _asked = [new(), new()];
    private IReadOnlyList<OutputSeries> _series = [];
    private long _heldSamples;

    /// <summary>What base and info series must have in common.</summary>
    public static LabelNameSet IdentifyingLabels { get; } = new("instance", "job");

    /// <summary>The labels of an info series.</summary>
    public Labels LabelsOf(int series) => _series[series].Labels;

    /// <summary>The number of an identity.</summary>
    public int IdentityOf(Labels labels) => _identities.Intern(labels, IdentifyingLabels, keep: true);

    /// <summary>Reads the side.</summary>
    /// <param name="series">The series of the operator.</param>
    /// <param name="input">Rows of sample times in seconds.</param>
    /// <param name="identified">The labels of the base series that want to be enriched.</param>
    public void Read(IReadOnlyList<OutputSeries> series, SeriesOperator input, IEnumerable<Labels> identified)
    {
        _series = series;
        HashSet<Labels>[] values = [new(), new()];
        foreach (var labels in identified) AddIdentity(labels, values);
        var newestMs = new Dictionary<(string Name, int Identity), long[]>();
        var row = new SeriesRow(grid.Count);
        for (var i = 0; input.TryNext(row); i++)
        {
            if (!IsWanted(series[i].Labels, values)) continue;
            var name = series[i].Labels.GetString(Labels.MetricName) ?? string.Empty;
            var key = (name, IdentityOf(series[i].Labels));
            if (!_newest.TryGetValue(key, out var newest))
            {
                newest = new int[grid.Count];
                Array.Fill(newest, None);
                _newest.Add(key, newest);
                newestMs.Add(key, new long[grid.Count]);
                if (!_names.Contains(name, StringComparer.Ordinal)) _names.Add(name);
                context.HoldBytes(grid.Count * 12L);
            }

            _read.Add((i, row.Presence.ToArray()));
            context.HoldBytes(row.Presence.Length * sizeof(ulong));
            var taken = row.CountPresent();
            _heldSamples += taken;
            context.HoldSamples(taken);
            Take(i, row, newest, newestMs[key]);
        }
    }

    /// <summary>By info metric, the newest series at each step, or <see cref="None"/>.</summary>
    public IReadOnlyList<int[]> NewestOf(int identity)
    {
        var found = new List<int[]>();
        foreach (var name in _names)
        {
            if (_newest.TryGetValue((name, identity), out var newest)) found.Add(newest);
        }

        return found;
    }

    /// <summary>Says that a base series has points.</summary>
    public void Ask(Labels labels) => AddIdentity(labels, _asked);

    /// <summary>Counts the samples of the info series that base series with points ask for.</summary>
    public void CountAsked(QuerySampleCounts counts)
    {
        var row = new SeriesRow(grid.Count);
        foreach (var (series, steps) in _read)
        {
            if (!IsWanted(LabelsOf(series), _asked)) continue;
            steps.CopyTo(row.Presence);
            var count = row.CountPresent();
            counts.Add(count, counts.AreByStep ? counts.AtSteps(row) : count);
        }
    }

    /// <summary>Fails if two info series that were asked for are equally new at one of the steps.</summary>
    /// <exception cref="QueryException">They are.</exception>
    public void ThrowIfAmbiguous(ReadOnlySpan<ulong> steps)
    {
        foreach (var (first, second, step, timeMs) in _conflicts)
        {
            if (!PresenceBits.Has(steps, step)) continue;
            if (!IsWanted(LabelsOf(first), _asked) || !IsWanted(LabelsOf(second), _asked)) continue;
            throw new QueryException(
                QueryErrorKind.Execution,
                $"found duplicate series for info metric: existing {LabelsOf(first)} @ {timeMs}, new " +
                $"{LabelsOf(second)} @ {timeMs}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        context.ReleaseSamples(_heldSamples);
        _heldSamples = 0;
        _newest.Clear();
    }

    private static void AddIdentity(Labels labels, HashSet<Labels>[] values)
    {
        for (var i = 0; i < s_identifying.Length; i++)
        {
            var identity = labels.Keep(s_identifying[i]);
            if (!identity.IsEmpty) values[i].Add(identity);
        }
    }

    private static bool IsWanted(Labels labels, HashSet<Labels>[] values)
    {
        if (values[0].Count == 0 && values[1].Count == 0) return false;
        return (values[0].Count == 0 || values[0].Contains(labels.Keep(s_identifying[0]))) &&
            (values[1].Count == 0 || values[1].Contains(labels.Keep(s_identifying[1])));
    }

    private void Take(int series, SeriesRow row, int[] newest, long[] newestMs)
    {
        for (var step = 0; step < newest.Length; step++)
        {
            if (!row.Has(step)) continue;
            var timeMs = (long)Math.Round(row.Values[step] * 1000);
            if (newest[step] != None && timeMs == newestMs[step])
            {
                _conflicts.Add((newest[step], series, step, timeMs));
                continue;
            }

            if (newest[step] != None && timeMs < newestMs[step]) continue;
            newest[step] = series;
            newestMs[step] = timeMs;
        }
    }
}

using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// What the labels of both sides say about a join before any point is read: match groups, and the rows that will be
/// emitted.
/// </summary>
/// <remarks>
/// The "one" side has at most one point per group and step; the "many" side streams. For <c>group_right</c> the left
/// side is the "one" side, otherwise the right.
/// </remarks>
internal sealed class JoinPlan
{
    private readonly List<JoinEntry> _entries = [];
    private readonly LabelsIndex _groups = new();
    private readonly LabelsIndex _classes = new();
    private readonly LabelsIndex _outputs = new();
    private readonly LabelsBuilder _builder = new();
    private readonly VectorMatching _matching;
    private readonly LabelNameSet _matchNames;
    private readonly LabelNameSet _matchLabels;
    private readonly LabelNameSet _include;
    private readonly bool _dropsName;
    private readonly QueryContext _context;

    /// <summary>Makes the plan.</summary>
    /// <param name="context">The query's.</param>
    /// <param name="expression">The operation.</param>
    /// <param name="many">The series of the "many" side.</param>
    /// <param name="one">The series of the "one" side.</param>
    /// <param name="dropsName">Do results lose the metric's name right here?</param>
    public JoinPlan(
        QueryContext context, BinaryExpression expression, IReadOnlyList<OutputSeries> many,
        IReadOnlyList<OutputSeries> one, bool dropsName)
    {
        _context = context;
        _matching = expression.Matching!;
        _matchLabels = new LabelNameSet(_matching.Labels);
        _matchNames = _matching.IsOn ? _matchLabels : _matchLabels.With(Labels.MetricName);
        _include = new LabelNameSet(_matching.Include);
        _dropsName = dropsName;
        ManyGroups = Groups(many);
        var groupsOfMany = _groups.Sets.Count;
        OneGroups = Groups(one);
        OneClasses = new int[one.Count];
        for (var i = 0; i < one.Count; i++)
            OneClasses[i] = _include.Count == 0 ? 0 : _classes.Intern(one[i].Labels, _include, keep: true);
        MembersPerGroup = new int[_groups.Sets.Count];
        foreach (var group in OneGroups) MembersPerGroup[group]++;
        NeededGroups = FillLeft is null ? groupsOfMany : _groups.Sets.Count;
        AddEntries(many, one);
        AssignSlots();
    }

    /// <summary>The value that stands for a missing point of the "one" side, or null.</summary>
    public double? FillRight => _matching.FillRight;

    /// <summary>The value that stands for a missing point of the "many" side, or null.</summary>
    public double? FillLeft => _matching.FillLeft;

    /// <summary>The group of each series of the "many" side.</summary>
    public int[] ManyGroups { get; }

    /// <summary>The group of each series of the "one" side.</summary>
    public int[] OneGroups { get; }

    /// <summary>
    /// The class of each series of the "one" side: those of equal included labels. All 0 when nothing is included.
    /// </summary>
    public int[] OneClasses { get; }

    /// <summary>The number of series of the "one" side by group.</summary>
    public int[] MembersPerGroup { get; }

    /// <summary>The values of the "one" side matter in the groups below this number only.</summary>
    public int NeededGroups { get; }

    /// <summary>
    /// The rows to come, ordered by series of the "many" side; those that have none come at the end.
    /// </summary>
    public IReadOnlyList<JoinEntry> Entries => _entries;

    /// <summary>What a join by this plan takes in memory: the "one" side, steps taken, label sets, lists.</summary>
    public long BytesFor(int stepCount)
    {
        var wordBytes = PresenceBits.WordCount(stepCount) * 8L;
        var shared = MembersPerGroup.Count(static members => members > 1);
        var bytes = NeededGroups * 8L * stepCount + MembersPerGroup.Length * (wordBytes + 96) + shared * 4L * stepCount;
        bytes += _entries.Count(static entry => entry.Slot != JoinEntry.NoSlot) * wordBytes;
        if (FillLeft is not null) bytes += MembersPerGroup.Length * wordBytes;
        bytes += _outputs.Sets.Sum(static labels => QueryContext.BytesOf(labels) + 64);
        return bytes + (ManyGroups.Length + OneGroups.Length) * 8L + _entries.Count * 40L;
    }

    /// <summary>The labels of a row.</summary>
    public Labels LabelsOf(JoinEntry entry) => _outputs.Sets[entry.Output];

    /// <summary>The labels that a series matches by.</summary>
    public Labels MatchLabels(Labels labels) =>
        _matching.IsOn ? labels.Keep(_matchNames) : labels.Drop(_matchNames);

    private int[] Groups(IReadOnlyList<OutputSeries> series)
    {
        var groups = new int[series.Count];
        for (var i = 0; i < groups.Length; i++)
        {
            _context.CheckEnded(i);
            groups[i] = _groups.Intern(series[i].Labels, _matchNames, _matching.IsOn);
        }

        return groups;
    }

    private void AddEntries(IReadOnlyList<OutputSeries> many, IReadOnlyList<OutputSeries> one)
    {
        var representatives = Representatives(one.Count);
        for (var i = 0; i < many.Count; i++)
        {
            _context.CheckEnded(i);
            var group = ManyGroups[i];
            foreach (var member in representatives[group])
            {
                var output = Output(many[i].Labels, one[member].Labels);
                _entries.Add(new JoinEntry(i, group, ClassOf(member), output, IsFill: false));
            }

            if (FillRight is null || (_include.Count == 0 && representatives[group].Count > 0)) continue;
            var filled = Output(many[i].Labels, MatchLabels(many[i].Labels));
            _entries.Add(new JoinEntry(i, group, JoinEntry.AnyClass, filled, IsFill: true));
        }

        if (FillLeft is null) return;
        for (var group = 0; group < representatives.Length; group++)
        {
            foreach (var member in representatives[group])
            {
                var output = Output(MatchLabels(one[member].Labels), one[member].Labels);
                _entries.Add(new JoinEntry(JoinEntry.NoSeries, group, ClassOf(member), output, IsFill: true));
            }
        }
    }

    private int ClassOf(int member) => _include.Count == 0 ? JoinEntry.AnyClass : OneClasses[member];

    // The first member of each class of each group.
    private List<int>[] Representatives(int oneCount)
    {
        var representatives = new List<int>[_groups.Sets.Count];
        for (var i = 0; i < representatives.Length; i++) representatives[i] = [];
        for (var i = 0; i < oneCount; i++)
        {
            var members = representatives[OneGroups[i]];
            if (!members.Exists(member => OneClasses[member] == OneClasses[i])) members.Add(i);
        }

        return representatives;
    }

    private int Output(Labels many, Labels one)
    {
        var labels = _dropsName ? MetadataLabels.DropFrom(many) : many;
        if (_matching.Cardinality == MatchingCardinality.OneToOne)
            labels = _matching.IsOn ? labels.Keep(_matchLabels) : labels.Drop(_matchLabels);
        if (_include.Count == 0) return _outputs.Intern(labels);
        _builder.Reset(labels);
        foreach (var name in _include.Names) _builder.Set(name.Span, one.Get(name.Span));
        return _outputs.Intern(_builder.ToLabels());
    }

    // Two rows that must not have a point at the same step share a slot: one to one those of a group, otherwise those
    // of a group with the same labels.
    private void AssignSlots()
    {
        var isOneToOne = _matching.Cardinality == MatchingCardinality.OneToOne;
        Dictionary<(int Group, int Output), int> firstOf = [];
        for (var i = 0; i < _entries.Count; i++)
        {
            var entry = _entries[i];
            if (entry.Many == JoinEntry.NoSeries) continue;
            var key = (entry.Group, isOneToOne ? 0 : entry.Output);
            if (!firstOf.TryAdd(key, i))
            {
                var first = firstOf[key];
                _entries[first] = _entries[first] with { Slot = first };
                _entries[i] = entry with { Slot = first };
            }
        }
    }
}

namespace PromHost.PromQL;

/// <summary>
/// The warnings and infos of one query, each text once, in the order first seen. Of several places that say the same
/// the one that is evaluated last in the order of the expression is told, as in Prometheus. Thread-safe.
/// </summary>
public sealed class Annotations
{
    private readonly Lock _lock = new();
    private readonly List<Annotation> _warnings = [];
    private readonly List<Annotation> _infos = [];

    /// <summary>The warnings so far, whole texts with their position: <c>PromQL warning: … (1:5)</c>.</summary>
    public IReadOnlyList<string> Warnings => Texts(_warnings);

    /// <summary>The infos so far.</summary>
    public IReadOnlyList<string> Infos => Texts(_infos);

    /// <summary>Adds a warning unless the same is known from a later place.</summary>
    /// <param name="text">The text without the place.</param>
    /// <param name="place">Line and column.</param>
    /// <param name="order">Where the node that says it ends: operands end before what takes them.</param>
    public void AddWarning(string text, string place, int order) => Add(_warnings, new Annotation(text, place, order));

    /// <summary>Adds an info unless the same is known from a later place.</summary>
    /// <param name="text">The text without the place.</param>
    /// <param name="place">Line and column.</param>
    /// <param name="order">Where the node that says it ends: operands end before what takes them.</param>
    public void AddInfo(string text, string place, int order) => Add(_infos, new Annotation(text, place, order));

    /// <summary>Adds a warning that says how often it holds when that is more than once, and where first.</summary>
    /// <param name="text">The text without the count and the place.</param>
    /// <param name="place">Line and column.</param>
    /// <param name="order">Where the node that says it ends: operands end before what takes them.</param>
    /// <param name="count">How often it holds.</param>
    public void AddCountedWarning(string text, string place, int order, int count)
    {
        lock (_lock)
        {
            var index = _warnings.FindIndex(a => string.Equals(a.Text, text, StringComparison.Ordinal));
            if (index < 0)
            {
                _warnings.Add(new Annotation(text, place, order, count));
                return;
            }

            var known = _warnings[index];
            _warnings[index] = order < known.Order
                ? new Annotation(text, place, order, known.Count + count)
                : known with { Count = known.Count + count };
        }
    }

    /// <summary>Adds an info on classic buckets; those of several places are told together, at the first one.</summary>
    /// <param name="text">The text without what is told of the buckets and the place.</param>
    /// <param name="place">Line and column.</param>
    /// <param name="order">Where the node that says it ends: operands end before what takes them.</param>
    /// <param name="raised">The buckets.</param>
    internal void AddRaisedBuckets(string text, string place, int order, in RaisedBuckets raised)
    {
        lock (_lock)
        {
            var index = _infos.FindIndex(a => string.Equals(a.Text, text, StringComparison.Ordinal));
            if (index < 0)
            {
                _infos.Add(new Annotation(text, place, order) { Raised = raised });
                return;
            }

            var known = _infos[index];
            var both = known.Raised is { } others ? others.With(raised) : raised;
            _infos[index] = order < known.Order
                ? new Annotation(text, place, order) { Raised = both }
                : known with { Raised = both };
        }
    }

    private string[] Texts(List<Annotation> annotations)
    {
        lock (_lock) return [.. annotations.Select(static a => a.ToString())];
    }

    private void Add(List<Annotation> annotations, Annotation added)
    {
        lock (_lock)
        {
            var index = annotations.FindIndex(a => string.Equals(a.Text, added.Text, StringComparison.Ordinal));
            if (index < 0) annotations.Add(added);
            else if (added.Order >= annotations[index].Order) annotations[index] = added;
        }
    }

    private readonly record struct Annotation(string Text, string Place, int Order, int Count = 1)
    {
        public RaisedBuckets? Raised { get; init; }

        public override string ToString() =>
            Count == 1 ? $"{Text}{Raised} ({Place})" : $"{Text} ({Count} occurrences) ({Place})";
    }
}

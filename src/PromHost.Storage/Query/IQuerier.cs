using PromHost.Model;

namespace PromHost.Storage;

/// <summary>A consistent view of the storage over a range of time. Thread-safe; disposed when the query ends.</summary>
public interface IQuerier : IDisposable
{
    /// <summary>The series that match all matchers and may have samples in the view.</summary>
    /// <param name="hints">What the caller will read; the storage may use or ignore them.</param>
    /// <param name="matchers">Conditions, all of which hold.</param>
    SeriesSet Select(in SelectHints hints, IReadOnlyList<LabelMatcher> matchers);

    /// <summary>The values that a label has, ascending by their bytes.</summary>
    /// <param name="name">The label.</param>
    /// <param name="matchers">Only of series that match all of these; none: of all series.</param>
    /// <param name="limit">At most this many, 0: no limit.</param>
    IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, int limit = 0);

    /// <summary>The label names there are, ascending by their bytes.</summary>
    /// <param name="matchers">Only of series that match all of these; none: of all series.</param>
    /// <param name="limit">At most this many, 0: no limit.</param>
    IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, int limit = 0);
}

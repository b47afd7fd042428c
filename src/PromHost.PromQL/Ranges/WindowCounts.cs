// Hot path: counts the samples of every window.
namespace PromHost.PromQL;

/// <summary>Counts what the windows of one series hold, as they come.</summary>
internal struct WindowCounts
{
    private long _read;
    private int _largest;
    private int _known; // index after the last sample that any window so far has had

    /// <summary>The samples of all windows.</summary>
    public long Total { get; private set; }

    /// <summary>All counts.</summary>
    public readonly RangeCounts Sum => new(Total, _read, _largest);

    /// <summary>Counts the windows of steps that follow each other.</summary>
    /// <param name="firsts">Index of the first sample of each.</param>
    /// <param name="ends">Index after the last sample of each; as long, not empty.</param>
    /// <param name="areAlike">Is each as long as the others and as many samples further on as the others?</param>
    public void Add(ReadOnlySpan<int> firsts, ReadOnlySpan<int> ends, bool areAlike)
    {
        if (areAlike && ends.Length > 1)
        {
            long length = ends[0] - firsts[0];
            Total += length * ends.Length;
            _read += ends[0] - Math.Max(firsts[0], _known) + Math.Min(length, ends[1] - ends[0]) * (ends.Length - 1);
            _largest = Math.Max(_largest, (int)length);
            _known = ends[^1];
            return;
        }

        for (var i = 0; i < ends.Length; i++)
        {
            Total += ends[i] - firsts[i];
            _read += ends[i] - Math.Max(firsts[i], _known);
            _largest = Math.Max(_largest, ends[i] - firsts[i]);
            _known = ends[i];
        }
    }
}

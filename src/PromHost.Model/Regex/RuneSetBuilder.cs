namespace PromHost.Model;

/// <summary>Collects code points in any order.</summary>
internal sealed class RuneSetBuilder
{
    private readonly List<(int First, int Last)> _ranges = [];

    public void Add(int first, int last) => _ranges.Add((first, last));

    public void Add(RuneSet set)
    {
        ReadOnlySpan<int> bounds = set.Bounds;
        for (int i = 0; i < bounds.Length; i += 2)
            _ranges.Add((bounds[i], bounds[i + 1]));
    }

    public RuneSet ToSet()
    {
        _ranges.Sort();
        List<int> bounds = new(_ranges.Count * 2);
        foreach ((int first, int last) in _ranges)
        {
            if (bounds.Count > 0 && first <= bounds[^1] + 1)
                bounds[^1] = Math.Max(bounds[^1], last);
            else
                bounds.AddRange([first, last]);
        }

        return bounds is [0, RuneSet.MaxRune] ? RuneSet.Any : new RuneSet([.. bounds]);
    }
}

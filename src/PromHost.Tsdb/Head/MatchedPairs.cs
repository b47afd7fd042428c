using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Which values of a label name the last few regular expressions matched: dashboards ask the same again and again, and
/// a look at hundreds of thousands of values takes longer than the rest of the query. Thread-safe.
/// </summary>
internal sealed class MatchedPairs
{
    private const int MaxAnswers = 8;
    private const int MaxPairs = 1 << 16;

    private readonly Lock _lock = new();
    private readonly List<Answer> _answers = []; // the one asked for last at the end

    /// <summary>Bytes held, about.</summary>
    public long SizeBytes
    {
        get
        {
            lock (_lock) return _answers.Sum(static answer => (long)answer.Pairs.Length * sizeof(int));
        }
    }

    /// <summary>Finds what was matched before.</summary>
    /// <param name="matcher">The matcher.</param>
    /// <param name="sweeps">How often pairs have been taken from the name.</param>
    /// <param name="pairs">The pairs whose series the matcher adds or takes away, of the first so many.</param>
    /// <param name="looked">How many pairs of the name were looked at.</param>
    public bool TryGet(LabelMatcher matcher, int sweeps, out int[] pairs, out int looked)
    {
        lock (_lock)
        {
            var at = _answers.FindIndex(answer => answer.Sweeps == sweeps && answer.Matcher.Equals(matcher));
            (pairs, looked) = at < 0 ? ([], 0) : (_answers[at].Pairs, _answers[at].Looked);
            if (at < 0) return false;
            var answer = _answers[at];
            _answers.RemoveAt(at);
            _answers.Add(answer);
            return true;
        }
    }

    /// <summary>Keeps what was matched.</summary>
    /// <param name="matcher">The matcher.</param>
    /// <param name="sweeps">How often pairs had been taken from the name when it was looked at.</param>
    /// <param name="pairs">What it matched; nobody changes them.</param>
    /// <param name="looked">How many pairs of the name were looked at.</param>
    public void Put(LabelMatcher matcher, int sweeps, int[] pairs, int looked)
    {
        if (pairs.Length > MaxPairs) return;
        lock (_lock)
        {
            _answers.RemoveAll(answer => answer.Matcher.Equals(matcher));
            if (_answers.Count == MaxAnswers) _answers.RemoveAt(0);
            _answers.Add(new Answer(matcher, sweeps, pairs, looked));
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_lock) _answers.Clear();
    }

    private sealed record Answer(LabelMatcher Matcher, int Sweeps, int[] Pairs, int Looked);
}

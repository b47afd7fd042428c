using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Gathers what a verification finds. Of each file the first problems are kept, of the others the number: one broken
/// file must not hide the rest. For one thread.
/// </summary>
internal sealed class ProblemList
{
    private const int KeptPerFile = 20;

    private readonly Kept _problems = new("more problems");
    private readonly Kept _notes = new("more that is unusual");

    /// <summary>The problems kept, in the order of their finding, and per file a line on those left out.</summary>
    public IReadOnlyList<Problem> Problems => _problems.All;

    /// <summary>All problems, those left out too.</summary>
    public long Count => _problems.Count;

    /// <summary>What is unusual and no damage, kept in the same way.</summary>
    public IReadOnlyList<Problem> Notes => _notes.All;

    /// <summary>All that is unusual.</summary>
    public long NoteCount => _notes.Count;

    /// <summary>Adds a problem.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offsetBytes">Where; -1 for the whole.</param>
    /// <param name="message">What is wrong.</param>
    public void Add(string path, long offsetBytes, string message) =>
        _problems.Add(new Problem(path, offsetBytes, message));

    /// <summary>Adds what no writer that is known does, but what readers accept, Prometheus's too.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offsetBytes">Where; -1 for the whole.</param>
    /// <param name="message">What is unusual.</param>
    public void Note(string path, long offsetBytes, string message) =>
        _notes.Add(new Problem(path, offsetBytes, message));

    /// <summary>Runs a step; what it throws because of bad or unreadable files becomes a problem.</summary>
    /// <param name="path">The file that the step is about.</param>
    /// <param name="step">The step.</param>
    /// <returns>False when it threw.</returns>
    public bool Try(string path, Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (CorruptDataException error)
        {
            var prefix = $"{error.FileName}: offset {error.OffsetBytes}: ";
            var message = error.Message.StartsWith(prefix, StringComparison.Ordinal)
                ? error.Message[prefix.Length..]
                : error.Message;
            Add(error.FileName.Length > 0 ? error.FileName : path, error.OffsetBytes, message);
        }
        catch (FileNotFoundException)
        {
            Add(path, -1, "the file is missing");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Add(path, -1, error.Message);
        }

        return false;
    }

    private sealed class Kept(string rest)
    {
        private readonly List<Problem> _kept = [];
        private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

        public IReadOnlyList<Problem> All =>
        [
            .. _kept,
            .. _counts.Where(file => file.Value > KeptPerFile)
                .Select(file => new Problem(file.Key, -1, $"{file.Value - KeptPerFile} {rest}")),
        ];

        public long Count { get; private set; }

        public void Add(Problem problem)
        {
            Count++;
            var count = _counts.GetValueOrDefault(problem.Path) + 1;
            _counts[problem.Path] = count;
            if (count <= KeptPerFile) _kept.Add(problem);
        }
    }
}

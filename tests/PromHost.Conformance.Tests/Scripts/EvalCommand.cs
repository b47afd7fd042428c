using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary><c>eval</c>: evaluates a query and compares what it gives.</summary>
/// <param name="Line">Its first line.</param>
/// <param name="Query">The text of the query.</param>
/// <param name="IsRange">Is it a range query?</param>
/// <param name="Grid">The steps of the range query; of an instant query start and end are its time.</param>
internal sealed record EvalCommand(int Line, string Query, bool IsRange, TimeGrid Grid) : ScriptCommand(Line)
{
    /// <summary>What the old form of the command word says: warn, info, fail, ordered, or nothing.</summary>
    public string Modifier { get; init; } = "";

    /// <summary>What the error must be, or null when the query must not fail.</summary>
    public TextExpectation? Error { get; set; }

    /// <summary>Was there a line <c>expect fail</c>?</summary>
    public bool HasExpectFail { get; set; }

    /// <summary>Expected warnings; empty: they are not looked at.</summary>
    public List<TextExpectation> Warnings { get; } = [];

    /// <summary>Expected infos; empty: they are not looked at.</summary>
    public List<TextExpectation> Infos { get; } = [];

    /// <summary>Must there be no warning?</summary>
    public bool ForbidsWarnings { get; set; }

    /// <summary>Must there be no info?</summary>
    public bool ForbidsInfos { get; set; }

    /// <summary>Must the series come in the order of the lines?</summary>
    public bool IsOrdered { get; set; }

    /// <summary>The timestamps of the expected range vector, or null.</summary>
    public TimeGrid? RangeVector { get; set; }

    /// <summary>The expected string, or null.</summary>
    public string? ExpectedString { get; set; }

    /// <summary>The expected scalar, or null.</summary>
    public double? ExpectedScalar { get; set; }

    /// <summary>The expected series; of a label set that is listed twice the later line counts.</summary>
    public Dictionary<Labels, ExpectedSeries> Expected { get; } = [];
}

/// <summary>Times at a fixed distance.</summary>
/// <param name="StartMs">The first.</param>
/// <param name="EndMs">The last that may be.</param>
/// <param name="StepMs">The distance; 0 for a single time.</param>
internal readonly record struct TimeGrid(long StartMs, long EndMs, long StepMs);

/// <summary>An expected series.</summary>
/// <param name="Position">Which of the lines it is, from 0.</param>
/// <param name="Values">A value per time.</param>
internal sealed record ExpectedSeries(int Position, IReadOnlyList<SequenceValue> Values);

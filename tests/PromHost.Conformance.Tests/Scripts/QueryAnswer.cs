using PromHost.Model;

namespace PromHost.Conformance.Tests;

/// <summary>What a query gave.</summary>
internal sealed record QueryAnswer
{
    /// <summary>The scalar, or null when the result is none.</summary>
    public double? Scalar { get; init; }

    /// <summary>The string, or null when the result is none.</summary>
    public string? Text { get; init; }

    /// <summary>Is it a matrix? If not, and neither scalar nor string, it is a vector.</summary>
    public bool IsMatrix { get; init; }

    /// <summary>The series of a vector or matrix in their order.</summary>
    public IReadOnlyList<AnswerSeries> Series { get; init; } = [];

    /// <summary>The warnings, whole texts.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The infos, whole texts.</summary>
    public IReadOnlyList<string> Infos { get; init; } = [];
}

/// <summary>A series of a result.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="Points">Its points, ascending by time; a vector has one.</param>
internal sealed record AnswerSeries(Labels Labels, IReadOnlyList<AnswerPoint> Points);

/// <summary>A point of a result.</summary>
/// <param name="TimestampMs">Its time.</param>
/// <param name="Value">Its value; means nothing where a histogram stands.</param>
/// <param name="Histogram">The histogram, or null for a float.</param>
internal readonly record struct AnswerPoint(long TimestampMs, double Value, NativeHistogram? Histogram);

namespace PromHost.Conformance.Tests;

/// <summary>In which way a script does not pass.</summary>
internal enum ScriptFailure
{
    /// <summary>The script itself is wrong.</summary>
    InvalidScript,

    /// <summary>A load was refused by the storage.</summary>
    LoadFailed,

    /// <summary>A query failed that should not.</summary>
    QueryFailed,

    /// <summary>A query should fail and did not.</summary>
    NoError,

    /// <summary>A query failed with another text than expected.</summary>
    OtherError,

    /// <summary>An expected warning or info is missing.</summary>
    MissingAnnotation,

    /// <summary>There is a warning or info that is not expected.</summary>
    ExtraAnnotation,

    /// <summary>The result is of another type: scalar, string, vector, matrix.</summary>
    OtherType,

    /// <summary>The result has a series that is not expected.</summary>
    ExtraSeries,

    /// <summary>An expected series is missing.</summary>
    MissingSeries,

    /// <summary>A float where a histogram is expected, or the reverse.</summary>
    OtherSampleKind,

    /// <summary>A value is not the expected one.</summary>
    OtherValue,

    /// <summary>A series has more or fewer points than expected.</summary>
    OtherPointCount,

    /// <summary>A point has another timestamp than expected.</summary>
    OtherTimestamp,

    /// <summary>More points are expected than the query can return.</summary>
    TooManyPointsExpected,

    /// <summary>The series come in another order than expected.</summary>
    OtherOrder,
}

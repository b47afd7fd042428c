namespace PromHost.PromQL;

/// <summary>A piece of the text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Offset of its first byte.</param>
/// <param name="End">Offset after its last byte.</param>
internal readonly record struct Token(TokenKind Kind, int Start, int End)
{
    public PositionRange Position => new(Start, End);

    public bool IsOperator => Kind is >= TokenKind.Add and <= TokenKind.Atan2;

    public bool IsAggregation => Kind is >= TokenKind.Avg and <= TokenKind.LimitRatio;

    public bool IsKeyword => Kind is >= TokenKind.Bool and <= TokenKind.Without;

    /// <summary>May the token stand for a metric name where an operand is expected?</summary>
    public bool IsMetricName => Kind is TokenKind.Identifier or TokenKind.MetricIdentifier or TokenKind.And
        or TokenKind.Or or TokenKind.Unless or TokenKind.By or TokenKind.Fill or TokenKind.FillLeft
        or TokenKind.FillRight or TokenKind.Offset or TokenKind.Smoothed or TokenKind.Anchored or TokenKind.Without
        or (>= TokenKind.Start and <= TokenKind.MinOf) || IsAggregation;

    /// <summary>May the token stand for a label name in a list of labels?</summary>
    public bool IsLabelName => Kind is TokenKind.Identifier or TokenKind.MetricIdentifier or TokenKind.And
        or TokenKind.Or or TokenKind.Unless or TokenKind.Atan2 or (>= TokenKind.Start and <= TokenKind.MinOf)
        || IsAggregation || (IsKeyword && Kind != TokenKind.Without);
}

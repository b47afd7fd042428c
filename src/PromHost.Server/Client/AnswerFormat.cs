namespace PromHost.Server;

/// <summary>How answers are written.</summary>
internal enum AnswerFormat
{
    /// <summary>As promtool writes them.</summary>
    Promql,

    /// <summary>As the server sent them.</summary>
    Json,

    /// <summary>A column for each label.</summary>
    Table,
}

using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Conformance.Tests;

/// <summary>Evaluates the queries of scripts.</summary>
internal interface IScriptEngine
{
    /// <summary>Evaluates at one time.</summary>
    /// <exception cref="QueryException">The query failed.</exception>
    QueryAnswer EvaluateInstant(IQuerySource storage, string query, long timeMs);

    /// <summary>Evaluates at the steps of a grid.</summary>
    /// <exception cref="QueryException">The query failed.</exception>
    QueryAnswer EvaluateRange(IQuerySource storage, string query, TimeGrid grid);
}

using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>An exemplar that waits for its commit.</summary>
/// <param name="Series">Its series.</param>
/// <param name="Exemplar">The exemplar.</param>
internal readonly record struct StagedExemplar(int Series, Exemplar Exemplar);

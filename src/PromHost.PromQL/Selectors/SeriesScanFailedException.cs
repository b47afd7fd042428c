namespace PromHost.PromQL;

/// <summary>Carries a failure of a helping thread to the query's own; the engine unwraps it.</summary>
internal sealed class SeriesScanFailedException(Exception cause) : Exception(cause.Message, cause);

namespace PromHost.Storage;

/// <summary>What became of the samples of one batch.</summary>
/// <param name="Stored">Samples stored now.</param>
/// <param name="AlreadyStored">Samples that were stored before with equal bits.</param>
/// <param name="Rejected">Every rejected sample in the order staged; empty when there was none.</param>
public readonly record struct AppendReport(int Stored, int AlreadyStored, IReadOnlyList<RejectedSample> Rejected);

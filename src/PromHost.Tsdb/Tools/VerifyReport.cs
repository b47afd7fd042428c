namespace PromHost.Tsdb;

/// <summary>What a verification found.</summary>
/// <param name="Problems">The first problems of each file.</param>
/// <param name="ProblemCount">All problems.</param>
/// <param name="BlockCount">Blocks that were checked.</param>
/// <param name="SizeBytes">Bytes that were checked.</param>
/// <param name="Notes">
/// What is unusual and no damage, since Prometheus reads it and so do we; the first of each file.
/// </param>
/// <param name="NoteCount">All that is unusual.</param>
public sealed record VerifyReport(
    IReadOnlyList<Problem> Problems, long ProblemCount, int BlockCount, long SizeBytes, IReadOnlyList<Problem> Notes,
    long NoteCount);

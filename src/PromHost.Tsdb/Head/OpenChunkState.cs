using System.Runtime.InteropServices;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>How the open chunk of a series goes on.</summary>
/// <param name="Encoder">
/// The encoder of a chunk of floats; empty when it is one of histograms, or there is none.
/// </param>
/// <param name="CutAtMs">The chunk takes no sample of this time or later.</param>
/// <param name="WalRef">The number of the series in the WAL.</param>
/// <param name="IsLogged">
/// Is the series record in the WAL? Perhaps of a commit that may still fail: only the committer knows.
/// </param>
/// <param name="HasPredictedEnd">Was the end of a chunk of histograms predicted?</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OpenChunkState(
    XorChunkEncoder Encoder, long CutAtMs, ulong WalRef, bool IsLogged, bool HasPredictedEnd);

using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The exemplars of batches that are committed together. One that fails is left out and fails nothing else. For the
/// committer; the calls come in the order of <see cref="CommitGroup"/>'s.
/// </summary>
/// <remarks>
/// As in Prometheus, an exemplar is checked against what is stored before the group, logged, and checked once more when
/// it is added, behind those before it in the group. A replay of the log adds them in the same order, so it keeps the
/// same ones.
/// </remarks>
internal sealed class ExemplarCommit(Head head)
{
    private const int MaxRecordExemplars = 4096;

    private readonly List<StagedExemplar> _accepted = [];

    /// <summary>Is there something to log?</summary>
    public bool HasRecords => _accepted.Count > 0;

    /// <summary>Forgets everything.</summary>
    public void Clear() => _accepted.Clear();

    /// <summary>Decides the exemplars of a batch.</summary>
    /// <param name="batch">The batch, whose samples are decided.</param>
    /// <param name="group">Logs series that are not logged yet.</param>
    public void Decide(AppendBatch batch, CommitGroup group)
    {
        foreach (var staged in batch.Exemplars)
        {
            var outcome = head.Exemplars.Check(head.Table.LabelsOf(staged.Series), staged.Exemplar);
            if (outcome != ExemplarOutcome.Stored) continue;
            group.EnsureLogged(staged.Series);
            _accepted.Add(staged);
        }
    }

    /// <summary>Adds the records to the WAL, behind those of series and samples, without flushing.</summary>
    public void Log(WalWriter wal, ByteWriter buffer)
    {
        for (var start = 0; start < _accepted.Count; start += MaxRecordExemplars)
        {
            var records = new WalExemplar[Math.Min(MaxRecordExemplars, _accepted.Count - start)];
            for (var i = 0; i < records.Length; i++)
            {
                var (series, exemplar) = _accepted[start + i];
                records[i] = new WalExemplar(
                    head.Store.State(series).WalRef, exemplar.TimestampMs, exemplar.Value, exemplar.Labels);
            }

            buffer.Clear();
            WalRecordEncoder.Encode(records, buffer);
            wal.Append(buffer.WrittenSpan);
        }
    }

    /// <summary>Makes them visible.</summary>
    public void Apply()
    {
        foreach (var (series, exemplar) in _accepted)
            head.Exemplars.Add(head.Table.LabelsOf(series), exemplar);
        Clear();
    }
}

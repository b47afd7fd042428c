namespace PromHost.Tsdb;

/// <summary>Takes the tombstones of the log into the head. For replay.</summary>
/// <param name="head">The head.</param>
internal sealed class TombstoneReplay(Head head)
{
    private readonly List<WalTombstone> _record = [];
    private readonly List<WalTombstone> _found = [];

    /// <summary>Takes in a record of tombstones; those of series that are gone are passed over.</summary>
    /// <param name="record">The record.</param>
    /// <param name="seriesOf">The series of a number in the log; 0 when it has none.</param>
    /// <returns>False when the record cannot be read.</returns>
    public bool TryApply(ReadOnlySpan<byte> record, Func<ulong, int> seriesOf)
    {
        _record.Clear();
        if (!WalRecordDecoder.TryDecodeTombstones(record, _record)) return false;
        foreach (var tombstone in _record)
        {
            var series = seriesOf(tombstone.Ref);
            if (series == 0 || tombstone.MaxTimestampMs < tombstone.MinTimestampMs) continue;
            // The log may have two numbers for a series; the head keeps one.
            _found.Add(tombstone with { Ref = head.Store.State(series).WalRef });
        }

        return true;
    }

    /// <summary>Makes the head honour all that was taken in; its samples are there.</summary>
    public void Finish()
    {
        head.Tombstones.Add(_found);
        head.Tombstones.RemoveBefore(Math.Min(head.MinValidTimeMs, head.OutOfOrder.MinTimeMs));
        _found.Clear();
    }
}

using System.Runtime.InteropServices;
using System.Text;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// The metadata of batches that are committed together: logged only where it changes and where the family has a series
/// to carry it. For the committer; the calls come in the order of <see cref="CommitGroup"/>'s.
/// </summary>
internal sealed class MetadataCommit(Head head)
{
    private const int MaxRecordFamilies = 1024;

    private readonly MetadataStore _store = head.Metadata;
    private readonly Dictionary<string, MetricMetadata> _told = new(StringComparer.Ordinal);
    private readonly List<WalMetadata> _records = [];
    private readonly List<(string Family, MetricMetadata Metadata, FamilyCarrier Carrier)> _changes = [];

    /// <summary>Is there something to log?</summary>
    public bool HasRecords => _records.Count > 0;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _told.Clear();
        _records.Clear();
        _changes.Clear();
    }

    /// <summary>Takes what a batch told; the last word counts.</summary>
    public void Decide(AppendBatch batch)
    {
        foreach (var (family, metadata) in batch.Metadata) _told[family] = metadata;
    }

    /// <summary>Finds what is to be logged, once all samples are decided.</summary>
    /// <param name="newSeries">Series that this group logs for the first time.</param>
    public void Settle(IReadOnlyList<int> newSeries)
    {
        foreach (var (name, metadata) in _told)
        {
            var known = _store.Find(name);
            if (known is not null && known.Metadata == metadata) continue;
            Add(name, metadata, known is not null && known.Carrier.IsIn(head)
                ? known.Carrier
                : FamilyCarrier.Find(head, name));
        }

        if (newSeries.Count > 0 && _store.WaitingCount > 0) AddWaiting(newSeries);
        if (!_store.IsOwing) return;
        foreach (var family in _store.TakeOwed())
        {
            if (!_told.ContainsKey(family.Name))
                Add(family.Name, family.Metadata, FamilyCarrier.Find(head, family.Name));
        }
    }

    /// <summary>Adds the records to the WAL, behind those of the series, without flushing.</summary>
    public void Log(WalWriter wal, ByteWriter buffer)
    {
        var rest = (ReadOnlySpan<WalMetadata>)CollectionsMarshal.AsSpan(_records);
        while (!rest.IsEmpty)
        {
            var count = Math.Min(rest.Length, MaxRecordFamilies);
            buffer.Clear();
            WalRecordEncoder.Encode(rest[..count], buffer);
            wal.Append(buffer.WrittenSpan);
            rest = rest[count..];
        }
    }

    /// <summary>Takes everything back.</summary>
    public void Revert()
    {
        foreach (var change in _changes) _store.OweAgain(change.Family);
        Clear();
    }

    /// <summary>Makes the changes visible.</summary>
    public void Apply()
    {
        foreach (var (family, metadata, carrier) in _changes) _store.Set(family, metadata, carrier);
        Clear();
    }

    // A family that was told before it had a series, and here is its first one.
    private void AddWaiting(IReadOnlyList<int> newSeries)
    {
        foreach (var series in newSeries)
        {
            foreach (var name in FamilyCarrier.FamiliesOf(MetricNameOf(series)))
            {
                if (_told.ContainsKey(name) || _store.Find(name) is not { IsWaiting: true } family) continue;
                _told.Add(name, family.Metadata);
                Add(name, family.Metadata, new FamilyCarrier(series, head.Store.State(series).WalRef));
            }
        }
    }

    private void Add(string family, MetricMetadata metadata, FamilyCarrier carrier)
    {
        _changes.Add((family, metadata, carrier));
        if (carrier.Series == 0) return;
        _records.Add(MetadataRecords.Encode(family, metadata, MetricNameOf(carrier.Series), carrier.WalRef));
    }

    private string MetricNameOf(int series)
    {
        foreach (var pair in head.Table.PairsOf(series))
        {
            if (head.Index.NameOf(pair).Utf8.AsSpan().SequenceEqual(Labels.MetricNameUtf8))
                return Encoding.UTF8.GetString(head.Index.ValueOf(pair));
        }

        return "";
    }
}

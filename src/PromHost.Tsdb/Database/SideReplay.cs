using System.Text;

namespace PromHost.Tsdb;

/// <summary>Rebuilds from the log what goes along with samples: metadata and exemplars. For replay.</summary>
internal sealed class SideReplay(Head head)
{
    private readonly List<WalMetadata> _metadata = [];
    private readonly List<WalExemplar> _exemplars = [];

    /// <summary>Applies a record; entries of series that are not in the log are passed over.</summary>
    /// <param name="record">Of type metadata or exemplars.</param>
    /// <param name="decoder">Reads it.</param>
    /// <param name="seriesOf">The series of a number in the log; 0 when there is none.</param>
    /// <returns>False when the record is malformed; what could be read is applied.</returns>
    public bool TryApply(ReadOnlySpan<byte> record, WalRecordDecoder decoder, Func<ulong, int> seriesOf) =>
        WalRecordDecoder.TypeOf(record) == WalRecordType.Metadata
            ? TryApplyMetadata(record, seriesOf)
            : TryApplyExemplars(record, decoder, seriesOf);

    private bool TryApplyMetadata(ReadOnlySpan<byte> record, Func<ulong, int> seriesOf)
    {
        _metadata.Clear();
        var isWhole = WalRecordDecoder.TryDecodeMetadata(record, _metadata);
        foreach (var logged in _metadata)
        {
            if (seriesOf(logged.Ref) is not (> 0 and var series)) continue;
            var name = Encoding.UTF8.GetString(head.Table.MakeLabels(series).MetricNameValue);
            var (family, metadata) = MetadataRecords.Decode(logged, name);
            head.Metadata.Set(family, metadata, new FamilyCarrier(series, head.Store.State(series).WalRef));
        }

        return isWhole;
    }

    private bool TryApplyExemplars(ReadOnlySpan<byte> record, WalRecordDecoder decoder, Func<ulong, int> seriesOf)
    {
        if (!head.Exemplars.IsEnabled) return true;
        _exemplars.Clear();
        var isWhole = decoder.TryDecodeExemplars(record, _exemplars);
        foreach (var logged in _exemplars)
        {
            if (seriesOf(logged.Ref) is > 0 and var series)
                head.Exemplars.Add(head.Table.LabelsOf(series), new(logged.Labels, logged.TimestampMs, logged.Value));
        }

        return isWhole;
    }
}

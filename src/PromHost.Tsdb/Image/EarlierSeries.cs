namespace PromHost.Tsdb;

/// <summary>
/// Series that the log names before the place of a head image, and that the image does not know by that number: of a
/// series that went and came again it has the newer number, and a Prometheus that has read all of the log since goes on
/// with the older one. Read when a number turns up that is unknown.
/// </summary>
internal sealed class EarlierSeries
{
    private readonly Dictionary<ulong, WalSeries> _series = [];

    /// <summary>Reads them.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="walPath">The log's directory in it.</param>
    /// <param name="position">The image's place.</param>
    /// <param name="seriesOf">The series of a number in the log; 0 when it has none: these are wanted.</param>
    /// <param name="stopping">Ends it early.</param>
    public EarlierSeries(
        IDataDirectory directory,
        string walPath,
        WalPosition position,
        Func<ulong, int> seriesOf,
        CancellationToken stopping)
    {
        var decoder = new WalRecordDecoder();
        var found = new List<WalSeries>();
        using var reader = HeadImageReplay.ReadUpTo(directory, walPath, position, isLeftCompressed: false);
        while (!stopping.IsCancellationRequested && reader.TryRead(out var record))
        {
            if (WalRecordDecoder.TypeOf(record) != WalRecordType.Series) continue;
            found.Clear();
            decoder.TryDecodeSeries(record, found);
            foreach (var series in found)
            {
                if (seriesOf(series.Ref) == 0 && !series.Labels.IsEmpty) _series.TryAdd(series.Ref, series);
            }
        }
    }

    /// <summary>The record of a number, if there is one.</summary>
    public bool TryGet(ulong walRef, out WalSeries series) => _series.TryGetValue(walRef, out series);
}

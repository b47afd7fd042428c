// Hot path: a start reads every native histogram of the log here.
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>
/// Applies the native histograms of the log to the head, and its floats with start timestamps; used by <see
/// cref="HeadReplay"/>.
/// </summary>
internal sealed class HistogramReplay(Head head)
{
    private readonly RawHistogram _histogram = new();

    /// <summary>Samples applied.</summary>
    public long Applied { get; private set; }

    /// <summary>Samples whose series is not in the log.</summary>
    public long Unknown { get; private set; }

    /// <summary>Histograms that make no sense, and records that end in bad bytes.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Were there samples that lie before the first chunk of their series?</summary>
    public bool HasEarlier { get; private set; }

    /// <summary>Applies a record of floats with start timestamps.</summary>
    /// <param name="record">The record.</param>
    /// <param name="seriesOf">The series of a number of the log; 0 when there is none.</param>
    public void ApplyFloats(ReadOnlySpan<byte> record, Func<ulong, int> seriesOf)
    {
        var reader = new WalFloats(record);
        while (reader.MoveNext())
        {
            var series = seriesOf(reader.Ref);
            if (series == 0)
            {
                Unknown++;
                continue;
            }

            var timestampMs = reader.TimestampMs;
            if (timestampMs < head.MinValidTimeMs) continue;
            if (timestampMs <= head.Appender.LastTimeMs(series))
            {
                HasEarlier |= head.Appender.IsBeforeMapped(series, timestampMs);
                continue;
            }

            head.Appender.Append(series, timestampMs, reader.StartTimestampMs, reader.Value);
            Applied++;
        }

        if (reader.IsMalformed) Unreadable++;
    }

    /// <summary>Applies a record.</summary>
    /// <param name="record">A record of one of the histogram types.</param>
    /// <param name="seriesOf">The series of a number of the log; 0 when there is none.</param>
    public void Apply(ReadOnlySpan<byte> record, Func<ulong, int> seriesOf)
    {
        var reader = new WalHistograms(record, _histogram);
        while (reader.MoveNext())
        {
            var series = seriesOf(reader.Ref);
            if (series == 0)
            {
                Unknown++;
                continue;
            }

            // What is older lies in a block.
            if (reader.TimestampMs < head.MinValidTimeMs) continue;
            if (reader.TimestampMs <= head.Appender.LastTimeMs(series))
            {
                HasEarlier |= head.Appender.IsBeforeMapped(series, reader.TimestampMs);
                continue;
            }

            head.Appender.Append(series, reader.TimestampMs, reader.StartTimestampMs, _histogram);
            Applied++;
        }

        Unreadable += reader.Unreadable + (reader.IsMalformed ? 1 : 0);
    }
}

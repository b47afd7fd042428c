// Hot path: every remote-write message is staged here; known series allocate nothing.
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Remote;

/// <summary>
/// Brings one decoded 1.0 message into an appender, in three passes: the whole message is read, then every series is
/// looked up or its labels are decoded and checked, and only when nothing can be malformed any more the samples are
/// staged. Reused from request to request; one thread at a time.
/// </summary>
internal sealed class WriteRequestStager(RemoteWriteLimits limits) : IDisposable
{
    private readonly WriteRequestBatch _batch = new();
    private readonly LabelSetParser _parser = new();
    private long _maxTimestampMs;

    /// <summary>What was refused so far; null while nothing was.</summary>
    public RejectTally? Rejects { get; private set; }

    /// <summary>Where and what is malformed, after <see cref="TryRead"/> or <see cref="TryResolve"/> failed.</summary>
    public string? MalformedText { get; private set; }

    /// <summary>What there is too much of, when <see cref="TryRead"/> failed for that.</summary>
    public string? TooLargeText { get; private set; }

    /// <summary>Exemplars staged.</summary>
    public int ExemplarCount { get; private set; }

    /// <summary>Metadata entries staged.</summary>
    public int MetadataCount { get; private set; }

    /// <summary>Whether the message holds nothing at all.</summary>
    public bool IsEmpty => _batch.Series.Count == 0 && _batch.Metadata.Count == 0;

    /// <summary>Whether keeping this for a next request would waste memory.</summary>
    public bool IsOversized => _batch.IsOversized;

    /// <summary>Forgets the last message.</summary>
    public void Clear()
    {
        _batch.Clear();
        Rejects = null;
        MalformedText = null;
        TooLargeText = null;
        ExemplarCount = 0;
        MetadataCount = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    /// <summary>Reads the message; touches no storage.</summary>
    /// <param name="message">The message; the same goes to the later passes.</param>
    public bool TryRead(ReadOnlySpan<byte> message)
    {
        Clear();
        var reader = new WriteRequestReader(message, _batch, limits);
        if (reader.TryRead())
            return true;
        if (!reader.IsTooLarge)
            return FailMalformed(reader.ErrorPlace, reader.ErrorOffset);
        TooLargeText = $"the request is too large: too many {reader.ErrorPlace}";
        return false;
    }

    /// <summary>Looks up every series; changes nothing in the storage.</summary>
    public bool TryResolve(ReadOnlySpan<byte> message, IAppender appender)
    {
        var allSeries = CollectionsMarshal.AsSpan(_batch.Series);
        for (var i = 0; i < allSeries.Length; i++)
        {
            ref var series = ref allSeries[i];
            if (appender.TryGetSeries(RawLabels(message, in series), out series.Series))
                continue;
            series.Series = default;
            if (!TryResolveNew(message, i, ref series))
                return false;
        }

        return true;
    }

    /// <summary>Stages everything that is good. Cannot fail on the message any more.</summary>
    /// <param name="message">The message.</param>
    /// <param name="appender">The one that the series were looked up with.</param>
    /// <param name="maxTimestampMs">Later samples are refused; milliseconds since the Unix epoch.</param>
    public void Stage(ReadOnlySpan<byte> message, IAppender appender, long maxTimestampMs)
    {
        _maxTimestampMs = maxTimestampMs;
        var allSeries = CollectionsMarshal.AsSpan(_batch.Series);
        var allSamples = (ReadOnlySpan<FloatSample>)CollectionsMarshal.AsSpan(_batch.Samples);
        foreach (var (index, labels) in _batch.NewSeries)
            AddSeries(message, appender, ref allSeries[index], labels, allSamples);

        var isAnyAhead = _batch.MaxTimestampMs > maxTimestampMs;
        foreach (ref readonly var series in allSeries)
        {
            if (series.Series.Value == 0)
                continue;
            if (series.SampleCount > 0)
            {
                var samples = allSamples.Slice(series.FirstSample, series.SampleCount);
                if (isAnyAhead)
                    AppendNotAhead(message, appender, in series, samples);
                else
                    appender.Append(series.Series, samples);
            }

            if (series.HistogramCount > 0)
                StageHistograms(message, appender, in series);
        }

        foreach (var exemplar in _batch.Exemplars)
            StageExemplar(message, appender, exemplar, allSeries[exemplar.SeriesIndex].Series);
        foreach (var metadata in _batch.Metadata)
            StageMetadata(message.Slice(metadata.Offset, metadata.Length), appender);
    }

    private ReadOnlySpan<byte> RawLabels(ReadOnlySpan<byte> message, ref readonly StagedSeries series) =>
        series.AreLabelsJoined
            ? _batch.JoinedLabels.WrittenSpan.Slice(series.LabelsOffset, series.LabelsLength)
            : message.Slice(series.LabelsOffset, series.LabelsLength);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryResolveNew(ReadOnlySpan<byte> message, int index, ref StagedSeries series)
    {
        if (!_parser.TryParse(RawLabels(message, in series), out var errorOffset))
        {
            var offset = series.AreLabelsJoined ? series.SeriesOffset : series.LabelsOffset + errorOffset;
            return FailMalformed("Label", offset);
        }

        var reason = _parser.Check(needsMetricName: true);
        if (reason == AppendResult.Stored)
        {
            _batch.NewSeries.Add((index, _parser.ToLabels()));
            return true;
        }

        // A series without samples loses nothing.
        var count = series.SampleCount + series.HistogramCount;
        if (count == 0)
            return true;
        Rejects ??= new RejectTally();
        Rejects.Add(
            reason,
            count,
            Rejects.NeedsText ? RejectText.OfSeries(reason, _parser.Describe(RejectText.MaxSeriesLength)) : null);
        series.HistogramCount = 0;
        return true;
    }

    /// <summary>Creates a series, if a sample of it can be stored: a series without samples is of no use.</summary>
    private void AddSeries(
        ReadOnlySpan<byte> message, IAppender appender, ref StagedSeries series, Labels labels,
        ReadOnlySpan<FloatSample> allSamples)
    {
        var hasGood = false;
        foreach (ref readonly var sample in allSamples.Slice(series.FirstSample, series.SampleCount))
            hasGood |= sample.TimestampMs <= _maxTimestampMs;
        foreach (ref readonly var received in HistogramsOf(in series))
            hasGood |= received.TimestampMs <= _maxTimestampMs;
        if (hasGood)
        {
            series.Series = appender.GetOrAddSeries(labels, RawLabels(message, in series));
            return;
        }

        if (series.SampleCount > 0)
            RejectAhead(message, in series, allSamples.Slice(series.FirstSample, series.SampleCount));
        foreach (ref readonly var received in HistogramsOf(in series))
            Reject(AppendResult.TooFarAhead, message, in series, count: 1, received.TimestampMs);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AppendNotAhead(
        ReadOnlySpan<byte> message, IAppender appender, ref readonly StagedSeries series,
        ReadOnlySpan<FloatSample> samples)
    {
        while (!samples.IsEmpty)
        {
            var isAhead = samples[0].TimestampMs > _maxTimestampMs;
            var run = 1;
            while (run < samples.Length && samples[run].TimestampMs > _maxTimestampMs == isAhead)
                run++;
            if (isAhead)
                RejectAhead(message, in series, samples[..run]);
            else
                appender.Append(series.Series, samples[..run]);
            samples = samples[run..];
        }
    }

    private void RejectAhead(
        ReadOnlySpan<byte> message, ref readonly StagedSeries series, ReadOnlySpan<FloatSample> samples) =>
        Reject(AppendResult.TooFarAhead, message, in series, samples.Length, samples[0].TimestampMs);

    /// <summary>Stages the native histograms of a series, after its floats as in Prometheus.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StageHistograms(ReadOnlySpan<byte> message, IAppender appender, ref readonly StagedSeries series)
    {
        foreach (ref readonly var received in HistogramsOf(in series))
        {
            if (received.TimestampMs > _maxTimestampMs)
                Reject(AppendResult.TooFarAhead, message, in series, count: 1, received.TimestampMs);
            else
                appender.AppendHistogram(series.Series, received.TimestampMs, 0, received.Histogram);
        }
    }

    private ReadOnlySpan<ReceivedHistogram> HistogramsOf(ref readonly StagedSeries series) =>
        CollectionsMarshal.AsSpan(_batch.Histograms).Slice(series.FirstHistogram, series.HistogramCount);

    private void Reject(
        AppendResult reason, ReadOnlySpan<byte> message, ref readonly StagedSeries series, int count, long timestampMs)
    {
        Rejects ??= new RejectTally();
        string? text = null;
        if (Rejects.NeedsText && _parser.TryParse(RawLabels(message, in series), out _))
            text = RejectText.OfSample(reason, _parser.Describe(RejectText.MaxSeriesLength), timestampMs);
        Rejects.Add(reason, count, text);
    }

    /// <summary>Stages an exemplar; one that is not in order is dropped, as Prometheus does.</summary>
    private void StageExemplar(ReadOnlySpan<byte> message, IAppender appender, MessagePart part, SeriesRef series)
    {
        var fields = message.Slice(part.Offset, part.Length);
        if (series.Value == 0 || !_parser.TryParse(fields, out _)
            || _parser.Check(needsMetricName: false) != AppendResult.Stored)
            return;
        var value = 0d;
        var timestampMs = 0UL;
        var reader = new ProtoReader(fields);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field == 2)
                reader.TryReadDouble(wireType, out value);
            else if (field == 3)
                reader.TryReadVarint(wireType, out timestampMs);
            else
                reader.TrySkip(field, wireType);
        }

        if ((long)timestampMs > _maxTimestampMs)
            return;
        appender.AppendExemplar(series, new Exemplar(_parser.ToLabels(), (long)timestampMs, value, timestampMs != 0));
        ExemplarCount++;
    }

    private void StageMetadata(ReadOnlySpan<byte> metadata, IAppender appender)
    {
        var type = 0UL;
        ReadOnlySpan<byte> family = default, help = default, unit = default;
        var reader = new ProtoReader(metadata);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field == 1)
                reader.TryReadVarint(wireType, out type);
            else if (field == 2)
                reader.TryReadBytes(wireType, out family);
            else if (field == 4)
                reader.TryReadBytes(wireType, out help);
            else if (field == 5)
                reader.TryReadBytes(wireType, out unit);
            else
                reader.TrySkip(field, wireType);
        }

        if (family.IsEmpty || !Utf8.IsValid(family))
            return;
        appender.UpdateMetadata(
            family, new MetricMetadata(TypeName(type), Encoding.UTF8.GetString(help), Encoding.UTF8.GetString(unit)));
        MetadataCount++;
    }

    private static string TypeName(ulong type) => type switch
    {
        1 => "counter",
        2 => "gauge",
        3 => "histogram",
        4 => "gaugehistogram",
        5 => "summary",
        6 => "info",
        7 => "stateset",
        _ => "unknown",
    };

    private bool FailMalformed(string place, int offset)
    {
        MalformedText = string.Create(
            CultureInfo.InvariantCulture, $"malformed protobuf message at byte {offset} in {place}");
        return false;
    }
}

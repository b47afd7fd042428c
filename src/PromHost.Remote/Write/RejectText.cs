using System.Globalization;
using System.Text;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Remote;

/// <summary>What a sender is told of the samples that were not taken.</summary>
internal static class RejectText
{
    /// <summary>
    /// The longest description of a series, in characters: Prometheus logs the first 1,024 bytes of an answer.
    /// </summary>
    public const int MaxSeriesLength = 700;

    /// <summary>The value of the label <c>reason</c> of the reject counters.</summary>
    public static string NameOf(AppendResult reason) => reason switch
    {
        AppendResult.DuplicateTimestamp => "duplicate_timestamp",
        AppendResult.OutOfOrder => "out_of_order",
        AppendResult.TooOld => "too_old",
        AppendResult.OutOfBounds => "out_of_bounds",
        AppendResult.TooFarAhead => "too_far_ahead",
        AppendResult.HistogramSchema => "histogram_schema",
        AppendResult.HistogramSpans => "histogram_spans",
        AppendResult.HistogramNegativeCount => "histogram_negative_count",
        AppendResult.HistogramCountMismatch => "histogram_count_mismatch",
        AppendResult.HistogramCustomBounds => "histogram_custom_bounds",
        AppendResult.MissingMetricName => "missing_metric_name",
        AppendResult.DuplicateLabelName => "duplicate_label_name",
        AppendResult.EmptyLabelName => "empty_label_name",
        AppendResult.InvalidUtf8 => "invalid_utf8",
        AppendResult.LabelTooLong => "label_too_long",
        _ => "other",
    };

    /// <summary>Is the reason one of the labels, not of a sample?</summary>
    public static bool IsInvalidLabels(AppendResult reason) => reason
        is AppendResult.MissingMetricName or AppendResult.DuplicateLabelName or AppendResult.EmptyLabelName
        or AppendResult.InvalidUtf8 or AppendResult.LabelTooLong;

    /// <summary>A series that was refused as a whole.</summary>
    public static string OfSeries(AppendResult reason, string series) => $"{PhraseOf(reason)} for series {series}";

    /// <summary>A sample that was refused before it came to the storage.</summary>
    public static string OfSample(AppendResult reason, string series, long timestampMs) =>
        OfSample(PhraseOf(reason), series, timestampMs);

    /// <summary>A sample that the storage refused.</summary>
    public static string Of(RejectedSample rejected)
    {
        if (rejected.Histogram is { } histogram && !HistogramValidation.IsValid(histogram, out var fault))
            return OfSample(fault.Text, Describe(rejected.Labels), rejected.Sample.TimestampMs);
        var text = new StringBuilder(OfSample(rejected.Reason, Describe(rejected.Labels), rejected.Sample.TimestampMs));
        var stored = rejected.Existing;
        if (rejected.Reason == AppendResult.DuplicateTimestamp)
        {
            if (rejected.Histogram is not null) return text.ToString();
            text.Append(", value ").Append(GoFloat.FormatJson(rejected.Sample.Value))
                .Append(", stored value ").Append(GoFloat.FormatJson(stored.Value));
        }
        else if (stored.TimestampMs != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", newest stored timestamp {stored.TimestampMs}");
        }

        return text.ToString();
    }

    /// <summary>The labels as Prometheus prints them, cut where they get long.</summary>
    public static string Describe(Labels labels) => Cut(labels.ToString(), MaxSeriesLength);

    /// <summary>The first characters of a text, and three dots if that is not all.</summary>
    public static string Cut(string text, int maxLength)
    {
        if (text.Length <= maxLength)
            return text;
        var end = char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength;
        return string.Concat(text.AsSpan(0, end), "...");
    }

    private static string OfSample(string problem, string series, long timestampMs) =>
        string.Create(CultureInfo.InvariantCulture, $"{problem} for series {series}, timestamp {timestampMs}");

    private static string PhraseOf(AppendResult reason) => reason switch
    {
        AppendResult.DuplicateTimestamp => "duplicate sample for timestamp",
        AppendResult.OutOfOrder => "out of order sample",
        AppendResult.TooOld => "too old sample",
        AppendResult.OutOfBounds => "out of bounds",
        AppendResult.TooFarAhead => "out of bounds: timestamp too far ahead of this server's clock",
        AppendResult.MissingMetricName => "missing metric name (label __name__)",
        AppendResult.DuplicateLabelName => "duplicate label name",
        AppendResult.EmptyLabelName => "empty label name",
        AppendResult.InvalidUtf8 => "label name or value is not valid UTF-8",
        AppendResult.LabelTooLong => "label name or value is too long",
        _ => "sample refused",
    };
}

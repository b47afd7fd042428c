using System.Buffers;
using System.Text;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>The functions <c>label_replace</c> and <c>label_join</c>. They work on whole series.</summary>
internal static class LabelFunctions
{
    /// <summary>Makes <c>label_replace(v, dst, replacement, src, regex)</c>.</summary>
    /// <exception cref="QueryException">The regular expression or the label's name is wrong.</exception>
    public static SeriesOperator Replace(QueryContext context, Call call, SeriesOperator input)
    {
        var destination = Utf8(call, 1);
        var replacement = Text(call, 2);
        var source = Utf8(call, 3);
        var pattern = Text(call, 4);
        Re2 regex;
        try
        {
            regex = Re2.CompileFramed(pattern);
        }
        catch (Re2SyntaxException)
        {
            throw Failure($"invalid regular expression in label_replace(): {pattern}");
        }

        if (!IsValidName(destination))
            throw Failure($"invalid destination label name in label_replace(): {Encoding.UTF8.GetString(destination)}");
        var captures = new int[2 * (regex.CaptureCount + 1)];
        var builder = new LabelsBuilder();
        var replaced = new ArrayBufferWriter<byte>();
        return SameLabelsMerge.AfterRelabeling(context, new RelabelOperator(context, input, Relabel));

        OutputSeries Relabel(OutputSeries series)
        {
            var value = series.Labels.Get(source);
            if (!regex.TryMatchCaptures(value, captures)) return series;
            replaced.ResetWrittenCount();
            regex.Expand(replacement, value, captures, replaced);
            return WithLabel(builder, series, destination, replaced.WrittenSpan);
        }
    }

    /// <summary>Makes <c>label_join(v, dst, separator, src…)</c>.</summary>
    /// <exception cref="QueryException">A label's name is wrong.</exception>
    public static SeriesOperator Join(QueryContext context, Call call, SeriesOperator input)
    {
        var destination = Utf8(call, 1);
        var separator = Utf8(call, 2);
        var sources = new byte[call.Arguments.Count - 3][];
        for (var i = 0; i < sources.Length; i++)
        {
            sources[i] = Utf8(call, i + 3);
            if (!IsValidName(sources[i]))
                throw Failure($"invalid source label name in label_join(): {Encoding.UTF8.GetString(sources[i])}");
        }

        if (!IsValidName(destination))
            throw Failure($"invalid destination label name in label_join(): {Encoding.UTF8.GetString(destination)}");
        var builder = new LabelsBuilder();
        var joined = new ArrayBufferWriter<byte>();
        return SameLabelsMerge.AfterRelabeling(context, new RelabelOperator(context, input, Relabel));

        OutputSeries Relabel(OutputSeries series)
        {
            joined.ResetWrittenCount();
            for (var i = 0; i < sources.Length; i++)
            {
                if (i > 0) joined.Write(separator);
                joined.Write(series.Labels.Get(sources[i]));
            }

            return WithLabel(builder, series, destination, joined.WrittenSpan);
        }
    }

    /// <summary>The bytes of an argument that is a string literal.</summary>
    public static byte[] Utf8(Call call, int argument) =>
        ((StringLiteral)call.Arguments[argument].WithoutParentheses()).Utf8Value.ToArray();

    private static string Text(Call call, int argument) =>
        ((StringLiteral)call.Arguments[argument].WithoutParentheses()).Value;

    private static bool IsValidName(byte[] name) => name.Length > 0 && System.Text.Unicode.Utf8.IsValid(name);

    private static QueryException Failure(string text) => new(QueryErrorKind.Execution, text);

    // Whoever sets the name of the metric wants to keep it.
    private static OutputSeries WithLabel(
        LabelsBuilder builder, OutputSeries series, byte[] name, ReadOnlySpan<byte> value)
    {
        var labels = builder.Reset(series.Labels).Set(name, value).ToLabels();
        var isName = name.AsSpan().SequenceEqual(Labels.MetricNameUtf8);
        return new OutputSeries(labels, series.DropName && !isName);
    }
}

using System.Text;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The aggregation <c>count_values</c>: a series per group and value, which counts the points of that value.
/// </summary>
internal sealed class CountValuesOperator : SeriesOperator
{
    // What entries of the tables below take, with what tables have in reserve.
    private const int SlotBytes = 128, BlockEntryBytes = 64;

    private readonly QueryContext _context;
    private readonly AggregateExpression _expression;
    private readonly SeriesOperator _input;
    private readonly byte[] _valueLabel;
    private readonly ValueCounts _counts;
    private readonly LabelsIndex _outputs = new();
    private readonly LabelsBuilder _builder = new();
    private readonly Dictionary<(int Group, long Bits), int> _slots = [];
    private readonly Dictionary<(int Group, long Bits, int Block), int> _blocks = [];
    private readonly Dictionary<(int Group, string Text), int> _histogramSlots = [];
    private long _heldSamples;
    private int _next;

    public CountValuesOperator(
        QueryContext context, AggregateExpression expression, SeriesOperator input, byte[] valueLabel)
        : base(input.Grid)
    {
        if (valueLabel.Length == 0 || !System.Text.Unicode.Utf8.IsValid(valueLabel))
        {
            throw new QueryException(
                QueryErrorKind.Execution, $"invalid label name {GoText.Quote(valueLabel)}");
        }

        _context = context;
        _expression = expression;
        _input = input;
        _valueLabel = valueLabel;
        _counts = new ValueCounts(context, input.Grid.Count);
    }

    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = _input.Open();
        var groups = GroupWithoutValueLabel(series, out var hasValueLabel);
        var row = new SeriesRow(Grid.Count);
        for (var i = 0; _input.TryNext(row); i++)
        {
            _context.CheckEnded();
            CountRow(row, groups, groups.GroupOf[i], hasValueLabel);
        }

        _counts.Complete(_outputs.Sets.Count);
        return [.. _outputs.Sets.Select(static labels => new OutputSeries(labels))];
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_next == _outputs.Sets.Count) return false;
        row.Clear();
        _counts.CopyTo(_next++, row);
        return true;
    }

    public override void Dispose()
    {
        _context.ReleaseSamples(_heldSamples);
        _heldSamples = 0;
        _input.Dispose();
        base.Dispose();
    }

    private void CountRow(SeriesRow row, SeriesGroups groups, int group, bool hasValueLabel)
    {
        var lastBits = 0L;
        var lastBlock = -1;
        var counts = 0;
        var values = row.Values;
        for (var step = 0; step < values.Length; step++)
        {
            if (!row.Has(step)) continue;
            var block = ValueCounts.BlockOf(step);
            if (row.HistogramAt(step) is { } histogram)
            {
                Count(_counts.Find(HistogramSlot(groups, group, histogram, hasValueLabel), block), step);
                continue;
            }

            var value = values[step];
            var bits = double.IsNaN(value) ? StaleMarker.NormalNaNBits : BitConverter.DoubleToInt64Bits(value);
            if (bits != lastBits || block != lastBlock)
            {
                lastBits = bits;
                lastBlock = block;
                counts = CountsOf(groups, group, hasValueLabel ? bits : 0, block, hasValueLabel);
            }

            Count(counts, step);
        }
    }

    // The value takes the place of a label of the same name before groups are formed, so that label plays no part.
    // "without" may drop the value itself; all values of a group then count together.
    private SeriesGroups GroupWithoutValueLabel(IReadOnlyList<OutputSeries> series, out bool hasValueLabel)
    {
        var name = Encoding.UTF8.GetString(_valueLabel);
        var grouping = _expression.Grouping;
        if (_expression.IsWithout)
        {
            hasValueLabel = !grouping.Contains(name, StringComparer.Ordinal) &&
                !string.Equals(name, Labels.MetricName, StringComparison.Ordinal);
            var dropped = new LabelNameSet([.. grouping, Labels.MetricName, name]);
            return SeriesGroups.For(_context, series, dropped, keep: false);
        }

        hasValueLabel = true;
        var kept = grouping.Where(label => !string.Equals(label, name, StringComparison.Ordinal));
        return SeriesGroups.For(_context, series, new LabelNameSet(kept), keep: true);
    }

    private int CountsOf(SeriesGroups groups, int group, long bits, int block, bool hasValueLabel)
    {
        if (_counts.IsOneBlock) return SlotOf(groups, group, bits, hasValueLabel);
        if (_blocks.TryGetValue((group, bits, block), out var counts)) return counts;
        counts = _counts.Find(SlotOf(groups, group, bits, hasValueLabel), block);
        _context.HoldBytes(BlockEntryBytes);
        _blocks.Add((group, bits, block), counts);
        return counts;
    }

    private int SlotOf(SeriesGroups groups, int group, long bits, bool hasValueLabel)
    {
        if (_slots.TryGetValue((group, bits), out var slot)) return slot;
        Span<byte> text = stackalloc byte[GoFloat.MaxSizeBytes];
        var size = hasValueLabel ? GoFloat.WritePlain(BitConverter.Int64BitsToDouble(bits), text) : 0;
        slot = NewSlot(groups.GroupLabels[group], text[..size]);
        _slots.Add((group, bits), slot);
        return slot;
    }

    private int HistogramSlot(SeriesGroups groups, int group, NativeHistogram histogram, bool hasValueLabel)
    {
        if (!hasValueLabel) return SlotOf(groups, group, 0, hasValueLabel);
        var text = HistogramDescription.Write(histogram);
        if (_histogramSlots.TryGetValue((group, text), out var slot)) return slot;
        slot = NewSlot(groups.GroupLabels[group], Encoding.UTF8.GetBytes(text));
        _histogramSlots.Add((group, text), slot);
        return slot;
    }

    // Without a text the labels are those of the group.
    private int NewSlot(Labels labels, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty) labels = _builder.Reset(labels).Set(_valueLabel, text).ToLabels();
        // Rows of new values only take long.
        _context.CancellationToken.ThrowIfCancellationRequested();
        _context.HoldBytes(QueryContext.BytesOf(labels) + SlotBytes + (_counts.IsOneBlock ? _counts.BlockBytes : 0));
        return _outputs.Intern(labels);
    }

    private void Count(int counts, int step)
    {
        if (!_counts.CountFirst(counts, step)) return;
        _heldSamples++;
        _context.HoldSamples(1);
    }
}

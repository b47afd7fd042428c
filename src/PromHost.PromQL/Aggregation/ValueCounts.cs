// Hot path: counts every point of count_values.
namespace PromHost.PromQL;

/// <summary>
/// How often each of many values occurs at each step. Most values of a query occur at a few steps that follow each
/// other, so counts are kept in blocks of 64 steps, made when one of them is first counted.
/// </summary>
/// <param name="context">Accounts for the blocks.</param>
/// <param name="stepCount">The number of steps; where one block holds them all, it has the number of its value.</param>
internal sealed class ValueCounts(QueryContext context, int stepCount)
{
    private const int BlockShift = 6, BlockSteps = 1 << BlockShift;

    // A block's entries in the table, in the list and in the order, with what these have in reserve.
    private const int BlockEntryBytes = 96;

    private readonly StepColumns<int> _counts = new(Math.Min(BlockSteps, stepCount));
    private readonly Dictionary<(int Slot, int Block), int> _numbers = [];
    private readonly List<(int Slot, int Block)> _blocks = [];
    private int[] _ofSlot = []; // where each slot begins in _order, and the end
    private int[] _order = []; // numbers of blocks, slot by slot

    /// <summary>Does one block hold all steps of a value?</summary>
    public bool IsOneBlock => stepCount <= BlockSteps;

    /// <summary>What the counts of a block take in memory.</summary>
    public int BlockBytes => Math.Min(BlockSteps, stepCount) * 4;

    /// <summary>In which block of any value a step lies.</summary>
    public static int BlockOf(int step) => step >> BlockShift;

    /// <summary>Finds or makes the block of a value.</summary>
    /// <param name="slot">Number of the value, from 0.</param>
    /// <param name="block">From <see cref="BlockOf"/>.</param>
    /// <returns>The number of the block.</returns>
    public int Find(int slot, int block)
    {
        if (IsOneBlock) return slot;
        if (_numbers.TryGetValue((slot, block), out var number)) return number;
        context.HoldBytes(BlockBytes + BlockEntryBytes);
        number = _blocks.Count;
        _blocks.Add((slot, block));
        _numbers.Add((slot, block), number);
        return number;
    }

    /// <summary>Counts one point.</summary>
    /// <param name="number">Of the block.</param>
    /// <param name="step">A step of the block.</param>
    /// <returns>Is it the first of its value at the step?</returns>
    public bool CountFirst(int number, int step) => _counts.Row(number)[step & (BlockSteps - 1)]++ == 0;

    /// <summary>Gets ready for <see cref="CopyTo"/>; nothing is counted afterwards.</summary>
    /// <param name="slotCount">How many values there are.</param>
    public void Complete(int slotCount)
    {
        if (IsOneBlock) return;
        _ofSlot = new int[slotCount + 1];
        foreach (var (slot, _) in _blocks) _ofSlot[slot + 1]++;
        for (var slot = 0; slot < slotCount; slot++) _ofSlot[slot + 1] += _ofSlot[slot];
        _order = new int[_blocks.Count];
        var next = _ofSlot.AsSpan(0, slotCount).ToArray();
        for (var number = 0; number < _blocks.Count; number++) _order[next[_blocks[number].Slot]++] = number;
    }

    /// <summary>The counts of a value as points of a row.</summary>
    /// <param name="slot">Number of the value.</param>
    /// <param name="row">Cleared; filled.</param>
    public void CopyTo(int slot, SeriesRow row)
    {
        if (IsOneBlock)
        {
            CopyBlock(slot, 0, row);
            return;
        }

        foreach (var number in _order.AsSpan(_ofSlot[slot].._ofSlot[slot + 1]))
            CopyBlock(number, _blocks[number].Block << BlockShift, row);
    }

    private void CopyBlock(int number, int firstStep, SeriesRow row)
    {
        var counts = _counts.Row(number);
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0) row.Set(firstStep + i, counts[i]);
        }
    }
}

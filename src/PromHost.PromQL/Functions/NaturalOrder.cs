namespace PromHost.PromQL;

/// <summary>The order in which <c>a2</c> comes before <c>a10</c>: runs of digits compare as numbers.</summary>
internal static class NaturalOrder
{
    /// <summary>Compares; texts that differ only in leading zeros are equal.</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        while (!left.IsEmpty && !right.IsEmpty)
        {
            if (IsDigit(left[0]) && IsDigit(right[0]))
            {
                var leftNumber = TakeNumber(ref left);
                var rightNumber = TakeNumber(ref right);
                if (leftNumber.Length != rightNumber.Length) return leftNumber.Length.CompareTo(rightNumber.Length);
                var order = leftNumber.SequenceCompareTo(rightNumber);
                if (order != 0) return order;
                continue;
            }

            if (left[0] != right[0]) return left[0].CompareTo(right[0]);
            left = left[1..];
            right = right[1..];
        }

        return left.Length.CompareTo(right.Length);
    }

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';

    // Cuts off a run of digits and answers it without leading zeros.
    private static ReadOnlySpan<byte> TakeNumber(ref ReadOnlySpan<byte> text)
    {
        var end = 0;
        while (end < text.Length && IsDigit(text[end])) end++;
        var number = text[..end];
        text = text[end..];
        return number.TrimStart((byte)'0');
    }
}

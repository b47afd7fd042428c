namespace PromHost.Tsdb;

/// <summary>
/// Gives out numbers from 1 on, of those that came back the lowest first: so the high ones become free when a crowd
/// has gone, and pages of what they number can be given up. For one thread at a time.
/// </summary>
/// <param name="pageBits">A page has 2 to this power numbers; the first begins with 0, which is nobody's.</param>
internal sealed class FreeNumbers(int pageBits)
{
    private readonly BitTree _free = new();
    private int[] _inUse = new int[1];

    /// <summary>The highest number given out so far.</summary>
    public int Last { get; private set; }

    /// <summary>The numbers in use.</summary>
    public int Count { get; private set; }

    /// <summary>Gives out a number.</summary>
    /// <exception cref="OverflowException">There are no more.</exception>
    public int Take()
    {
        int number;
        if (_free.IsEmpty) number = Last = checked(Last + 1);
        else _free.Remove(number = _free.Min);
        var page = number >> pageBits;
        if (page >= _inUse.Length) Array.Resize(ref _inUse, Math.Max(page + 1, _inUse.Length * 2));
        _inUse[page]++;
        Count++;
        return number;
    }

    /// <summary>Takes a number back.</summary>
    /// <returns>True when no number of its page is in use any more.</returns>
    public bool Return(int number)
    {
        _free.Add(number);
        Count--;
        return --_inUse[number >> pageBits] == 0;
    }
}

// Hot path.
namespace PromHost.PromQL;

/// <summary>
/// The smallest or largest value of each window, NaN only where there is nothing else. Keeps a queue of the samples
/// that may still become the answer, each better than all after it, so that a sample enters and leaves once.
/// </summary>
internal struct ExtremumKernel<TExtremum> : IRangeKernel
    where TExtremum : struct, IWindowExtremum
{
    private int[] _queue; // indexes of samples, a ring whose size is a power of two
    private int _head;
    private int _tail;
    private int _seen; // samples that have entered

    public ExtremumKernel() => _queue = new int[64];

    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
        _head = 0;
        _tail = 0;
        _seen = 0;
    }

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        var values = window.Values;
        if (_seen < window.First) _seen = window.First;
        var mask = _queue.Length - 1;
        while (_head != _tail && _queue[_head & mask] < window.First) _head++;
        for (; _seen < window.End; _seen++)
        {
            var entering = values[_seen];
            while (_head != _tail && TExtremum.Replaces(entering, values[_queue[(_tail - 1) & mask]])) _tail--;
            if (_tail - _head == _queue.Length)
            {
                Grow();
                mask = _queue.Length - 1;
            }

            _queue[_tail++ & mask] = _seen;
        }

        var best = _queue[_head & mask];
        value = TExtremum.IsTimestamp ? window.TimestampsMs[best] / 1000.0 : values[best];
        return true;
    }

    private void Grow()
    {
        var grown = new int[_queue.Length * 2];
        for (var i = _head; i != _tail; i++) grown[i & (grown.Length - 1)] = _queue[i & (_queue.Length - 1)];
        _queue = grown;
    }
}

/// <summary>What tells the smallest from the largest value of a window.</summary>
internal interface IWindowExtremum
{
    /// <summary>Does a value take the place of an earlier one?</summary>
    static abstract bool Replaces(double value, double earlier);

    /// <summary>Is the result the time of the value?</summary>
    static abstract bool IsTimestamp { get; }
}

/// <summary><c>max_over_time</c>: of equal values the first.</summary>
internal readonly struct Largest : IWindowExtremum
{
    public static bool IsTimestamp => false;

    public static bool Replaces(double value, double earlier) => value > earlier || double.IsNaN(earlier);
}

/// <summary><c>min_over_time</c>: of equal values the first.</summary>
internal readonly struct Smallest : IWindowExtremum
{
    public static bool IsTimestamp => false;

    public static bool Replaces(double value, double earlier) => value < earlier || double.IsNaN(earlier);
}

/// <summary><c>ts_of_max_over_time</c>: of equal values the last.</summary>
internal readonly struct TimeOfLargest : IWindowExtremum
{
    public static bool IsTimestamp => true;

    public static bool Replaces(double value, double earlier) => value >= earlier || double.IsNaN(earlier);
}

/// <summary><c>ts_of_min_over_time</c>: of equal values the last.</summary>
internal readonly struct TimeOfSmallest : IWindowExtremum
{
    public static bool IsTimestamp => true;

    public static bool Replaces(double value, double earlier) => value <= earlier || double.IsNaN(earlier);
}

// Hot path.
namespace PromHost.PromQL;

/// <summary><c>quantile_over_time</c>: keeps the window's values sorted while it slides.</summary>
/// <param name="quantiles">The quantile per step.</param>
internal struct QuantileOverTimeKernel(double[] quantiles) : IRangeKernel
{
    // From here on a whole new sort costs less than taking the samples in and out one by one.
    private const int MaxSteps = 64;

    private readonly KeySort _sort = new();
    private long[] _sorted = new long[256];
    private CancellationToken _cancellation;
    private int _count;
    private int _first;
    private int _end;

    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
        _cancellation = window.Cancellation;
        _count = 0;
        _first = 0;
        _end = 0;
    }

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        var moved = window.First - _first + window.End - _end;
        if (window.First >= _end || moved > MaxSteps) Sort(window);
        else if (moved > 0) Slide(window);
        _first = window.First;
        _end = window.End;
        value = OrderedDouble.Quantile(quantiles[window.Step], _sorted.AsSpan(0, _count));
        return true;
    }

    private void Sort(in RangeWindow window)
    {
        _count = window.Count;
        if (_sorted.Length < _count) _sorted = new long[_count * 2];
        var values = window.WindowValues;
        for (var i = 0; i < values.Length; i++) _sorted[i] = OrderedDouble.KeyOf(values[i]);
        _sort.Sort(_sorted.AsSpan(0, _count), _cancellation);
    }

    private void Slide(in RangeWindow window)
    {
        var values = window.Values;
        for (var i = _first; i < window.First; i++)
        {
            var at = _sorted.AsSpan(0, _count).BinarySearch(OrderedDouble.KeyOf(values[i]));
            _sorted.AsSpan(at + 1, _count - at - 1).CopyTo(_sorted.AsSpan(at));
            _count--;
        }

        for (var i = _end; i < window.End; i++)
        {
            if (_count == _sorted.Length) Array.Resize(ref _sorted, _count * 2);
            var key = OrderedDouble.KeyOf(values[i]);
            var at = _sorted.AsSpan(0, _count).BinarySearch(key);
            if (at < 0) at = ~at;
            _sorted.AsSpan(at, _count - at).CopyTo(_sorted.AsSpan(at + 1));
            _sorted[at] = key;
            _count++;
        }
    }
}

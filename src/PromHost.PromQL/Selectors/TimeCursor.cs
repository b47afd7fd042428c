// Hot path: moves once or twice per series and step.
using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>
/// Walks over the ascending times of a series and tells how many of them lie not after a time, which only grows.
/// Samples mostly come at a regular distance: it tries the distance of the last move first.
/// </summary>
/// <param name="timesMs">The times.</param>
internal ref struct TimeCursor(ReadOnlySpan<long> timesMs)
{
    private readonly ReadOnlySpan<long> _timesMs = timesMs;
    private int _count;
    private int _stride;

    /// <summary>Moves on.</summary>
    /// <param name="timeMs">Not before that of the last call.</param>
    /// <returns>The number of times not after it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int MoveTo(long timeMs)
    {
        var guess = _count + _stride;
        // Unsigned, so that 0 and what lies behind the end fail the one check that there is.
        if ((uint)(guess - 1) < (uint)_timesMs.Length && _timesMs[guess - 1] <= timeMs &&
            (guess == _timesMs.Length || _timesMs[guess] > timeMs))
        {
            return _count = guess;
        }

        return Walk(timeMs);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Walk(long timeMs)
    {
        var count = _count;
        while (count < _timesMs.Length && _timesMs[count] <= timeMs) count++;
        _stride = count - _count;
        return _count = count;
    }
}

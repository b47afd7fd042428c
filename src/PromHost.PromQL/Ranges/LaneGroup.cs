// Hot path.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>Collects windows of as many samples until there are four.</summary>
internal struct LaneGroup
{
    /// <summary>How many windows make a group.</summary>
    public const int Size = 4;

    private Four<int> _firsts, _steps;
    private Four<long> _timesMs;

    /// <summary>The number of windows collected.</summary>
    public int Length { get; private set; }

    /// <summary>The number of samples of each.</summary>
    public int SampleCount { get; private set; }

    /// <summary>Is the group full?</summary>
    public readonly bool IsFull => Length == Size;

    /// <summary>Can a window of so many samples join?</summary>
    public readonly bool Takes(int sampleCount) => Length == 0 || sampleCount == SampleCount;

    /// <summary>Adds a window; only while it is not full and takes it.</summary>
    public void Add(int first, int sampleCount, int step, long timeMs)
    {
        SampleCount = sampleCount;
        _firsts[Length] = first;
        _steps[Length] = step;
        _timesMs[Length++] = timeMs;
    }

    /// <summary>Forgets the windows.</summary>
    public void Clear() => Length = 0;

    /// <summary>Index of the first sample of a window, and its step.</summary>
    public readonly (int First, int Step) this[int index] => (_firsts[index], _steps[index]);

    /// <summary>The windows of a full group in lanes; valid until the next window is added.</summary>
    [UnscopedRef]
    public readonly WindowLanes ToLanes(ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values) =>
        new(timesMs, values, _firsts, SampleCount, _steps, _timesMs);

    [InlineArray(Size)]
    private struct Four<T>
    {
        private T _first;
    }
}

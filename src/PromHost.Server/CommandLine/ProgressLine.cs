using System.Globalization;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>A line of a terminal that shows how far a tool is, and goes away in the end.</summary>
/// <param name="terminal">The terminal; nothing is shown on <see cref="TextWriter.Null"/>.</param>
/// <param name="time">The clock that keeps it from flickering.</param>
internal sealed class ProgressLine(TextWriter terminal, TimeProvider? time = null)
{
    private const int BarWidth = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _shownAt;
    private int _shownLength;

    /// <summary>Shows how far it is, if the last time is long enough ago.</summary>
    public void Show(ToolProgress progress)
    {
        if (ReferenceEquals(terminal, TextWriter.Null)) return;
        var now = _time.GetTimestamp();
        if (_shownLength > 0 && _time.GetElapsedTime(_shownAt, now) < Interval) return;
        _shownAt = now;
        var part = progress.Total > 0 ? Math.Clamp((double)progress.Done / progress.Total, 0, 1) : 0;
        var bar = new string('#', (int)(part * BarWidth)).PadRight(BarWidth, '.');
        var text = string.Create(CultureInfo.InvariantCulture, $"[{bar}] {part * 100,3:F0} % {progress.Current}");
        terminal.Write("\r" + text.PadRight(_shownLength));
        _shownLength = text.Length;
    }

    /// <summary>Takes the line away, so that something else can be written.</summary>
    public void Clear()
    {
        if (_shownLength == 0) return;
        terminal.Write("\r" + new string(' ', _shownLength) + "\r");
        _shownLength = 0;
    }
}

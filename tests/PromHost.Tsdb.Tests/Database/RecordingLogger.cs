using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb.Tests;

/// <summary>Keeps what is logged, and lets a test wait for it.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly Lock _lock = new();
    private readonly List<(int Event, LogLevel Level, string Text)> _entries = [];
    private readonly List<(int Event, TaskCompletionSource Seen)> _awaited = [];

    public IReadOnlyList<(int Event, LogLevel Level, string Text)> Entries
    {
        get
        {
            lock (_lock) return [.. _entries];
        }
    }

    /// <summary>Completes when an event has been logged.</summary>
    public Task WaitForAsync(int eventId)
    {
        lock (_lock)
        {
            if (_entries.Exists(entry => entry.Event == eventId)) return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((eventId, seen));
            return seen.Task;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (_lock)
        {
            _entries.Add((eventId.Id, logLevel, formatter(state, exception)));
            foreach (var (awaited, seen) in _awaited)
            {
                if (awaited == eventId.Id) seen.TrySetResult();
            }
        }
    }
}

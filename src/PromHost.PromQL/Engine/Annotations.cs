namespace PromHost.PromQL;

/// <summary>The warnings and infos of one query, each text once, in the order first seen. Thread-safe.</summary>
public sealed class Annotations
{
    private readonly Lock _lock = new();
    private readonly List<string> _warnings = [];
    private readonly List<string> _infos = [];

    /// <summary>The warnings so far, whole texts with their position: <c>PromQL warning: … (1:5)</c>.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_lock) return [.. _warnings];
        }
    }

    /// <summary>The infos so far.</summary>
    public IReadOnlyList<string> Infos
    {
        get
        {
            lock (_lock) return [.. _infos];
        }
    }

    /// <summary>Adds a warning unless it is there.</summary>
    public void AddWarning(string text) => Add(_warnings, text);

    /// <summary>Adds an info unless it is there.</summary>
    public void AddInfo(string text) => Add(_infos, text);

    private void Add(List<string> texts, string text)
    {
        lock (_lock)
        {
            if (!texts.Contains(text, StringComparer.Ordinal)) texts.Add(text);
        }
    }
}

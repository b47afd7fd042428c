namespace PromHost.Model;

/// <summary>What is known of a counter reset before a native histogram.</summary>
public enum CounterResetHint : byte
{
    /// <summary>Nothing is known.</summary>
    Unknown,

    /// <summary>The counter was reset.</summary>
    CounterReset,

    /// <summary>The counter was not reset.</summary>
    NotCounterReset,

    /// <summary>A gauge histogram: resets mean nothing.</summary>
    Gauge,
}

namespace PromHost.Tsdb.Tests;

/// <summary>A clock that shows one time.</summary>
internal sealed class FixedTimeProvider(long timestampMs) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(timestampMs);
}

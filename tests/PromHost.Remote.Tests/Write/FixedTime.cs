namespace PromHost.Remote.Tests;

/// <summary>A clock that stands still.</summary>
internal sealed class FixedTime(long nowMs) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(nowMs);
}

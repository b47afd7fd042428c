namespace PromHost.Tsdb.Tests;

/// <summary>The process dies here. No I/O error, so that nothing under test takes it for one.</summary>
public sealed class SimulatedCrashException : Exception
{
    public SimulatedCrashException()
        : base("the process was killed")
    {
    }
}

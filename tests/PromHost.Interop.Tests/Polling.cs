namespace PromHost.Interop.Tests;

/// <summary>Waits for conditions in other processes, which can only be asked for again and again.</summary>
internal static class Polling
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(1) };

    public static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        Exception? last = null;
        while (true)
        {
            try
            {
                if (await condition()) return;
            }
            catch (HttpRequestException e)
            {
                last = e;
            }

            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"not reached within {Limit}: {what}", last);
            }
        }
    }
}

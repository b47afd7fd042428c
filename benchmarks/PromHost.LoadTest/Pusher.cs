using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace PromHost.LoadTest;

/// <summary>The client process of the load test: sends a file of requests as fast as they go.</summary>
internal static class Pusher
{
    private const int MaxAttempts = 20;

    /// <summary>Sends, then prints one line: samples, seconds, and requests that were not accepted.</summary>
    public static async Task<int> RunAsync(Uri url, string path, int connections, long skip, long max)
    {
        using var requests = new RequestFile(path);
        requests.Skip(skip);
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(5) };
        long samples = 0, refused = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            await Task.Yield();
            while (Interlocked.Read(ref samples) < max && requests.Next() is { } request)
            {
                if (!await SendAsync(http, url, request.Body)) Interlocked.Increment(ref refused);
                Interlocked.Add(ref samples, request.Samples);
            }
        }));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{samples} {watch.Elapsed.TotalSeconds:F3} {refused}"));
        return 0;
    }

    private static async Task<bool> SendAsync(HttpClient http, Uri url, byte[] body)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            content.Headers.ContentEncoding.Add("snappy");
            content.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
            using var response = await http.PostAsync(url, content);
            if (response.IsSuccessStatusCode) return true;
            if (attempt == MaxAttempts || response.StatusCode < HttpStatusCode.InternalServerError)
            {
                await Console.Error.WriteLineAsync(
                    $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
                return false;
            }

            await Task.Delay(100);
        }
    }
}

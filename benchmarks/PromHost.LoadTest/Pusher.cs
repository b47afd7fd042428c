using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace PromHost.LoadTest;

/// <summary>The client process of the load test: sends files of requests as fast as they go.</summary>
internal static class Pusher
{
    private const int MaxAttempts = 20;
    private const int ProgressSamples = 100_000;

    /// <summary>
    /// Sends, printing now and then how many samples are sent; then prints one line: samples, seconds, and requests
    /// that were not accepted.
    /// </summary>
    /// <param name="url">The remote-write URL.</param>
    /// <param name="paths">The files of requests; each has a connection of its own.</param>
    /// <param name="skip">Samples of each file to pass over first.</param>
    /// <param name="max">Samples of each file after which to stop.</param>
    public static async Task<int> RunAsync(Uri url, IReadOnlyList<string> paths, long skip, long max)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = paths.Count, UseProxy = false };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(5) };
        long samples = 0, refused = 0;
        var watch = Stopwatch.StartNew();
        var pushes = paths.Select(async path =>
        {
            using var requests = new RequestFile(path);
            requests.Skip(skip);
            await Task.Yield();
            long sent = 0;
            while (sent < max && requests.Next() is { } request)
            {
                if (!await SendAsync(http, url, request.Body)) Interlocked.Increment(ref refused);
                sent += request.Samples;
                var total = Interlocked.Add(ref samples, request.Samples);
                if (total / ProgressSamples != (total - request.Samples) / ProgressSamples) Console.WriteLine(total);
            }
        });
        try
        {
            await Task.WhenAll(pushes);
        }
        catch (HttpRequestException)
        {
            // The server was killed, as a part of the test or not: the caller knows.
            return 1;
        }

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

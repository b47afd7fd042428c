// Hot path: one call per remote-write request.
using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PromHost.Remote;

namespace PromHost.Api;

/// <summary>
/// <c>POST /api/v1/write</c>: reads the body, checks headers and size, and maps what became of the batch to a status.
/// </summary>
internal sealed class RemoteWriteEndpoint(Workspace workspace)
{
    /// <summary>The largest compressed body, in bytes. 32 MiB, as Prometheus's remote read has it.</summary>
    public const int MaxBodyBytes = 32 << 20;

    private const int UndeclaredBytes = 64 << 10;
    private const int MaxTrustedBytes = 1 << 20;

    private const string Disabled =
        "remote write receiver needs to be enabled with --web.enable-remote-write-receiver\n";

    // Long enough for a disk to be given room or a restart to finish, short enough for senders' queues.
    private const int DefaultRetryAfterSeconds = 30;

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        if (workspace.Services?.RemoteWrite is not { } receiver)
        {
            await PlainText.WriteAsync(http, StatusCodes.Status404NotFound, Disabled).ConfigureAwait(false);
            return;
        }

        if (RemoteWriteHeaders.Refuse(http.Request) is { } refusal)
        {
            await PlainText.WriteAsync(http, StatusCodes.Status415UnsupportedMediaType, refusal)
                .ConfigureAwait(false);
            return;
        }

        // A 413 of the server would be repeated for ever by some senders; the limit here answers 400.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        var buffer = Array.Empty<byte>();
        try
        {
            int count;
            (buffer, count) = await ReadBodyAsync(http.Request).ConfigureAwait(false);
            if (count > MaxBodyBytes)
            {
                await RefuseLargeAsync(http).ConfigureAwait(false);
                return;
            }

            // Not cancelled with the request: a batch half on its way to the disk would be of no use to anyone.
            var outcome = await receiver.ReceiveAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            await AnswerAsync(http, outcome).ConfigureAwait(false);
        }
        catch (BadHttpRequestException bad) when (!http.Response.HasStarted)
        {
            await PlainText.WriteAsync(http, bad.StatusCode, bad.Message + "\n").ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The sender went away; it will send the batch again.
            if (!http.Response.HasStarted) http.Response.StatusCode = ApiException.StatusOf(ApiErrorType.Canceled);
        }
        finally
        {
            if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Without a token: a connection that breaks ends the read by itself, and a read cancelled from outside would leave
    // the web server with half a read.
    private static async ValueTask<(byte[] Buffer, int Count)> ReadBodyAsync(HttpRequest request)
    {
        var declared = request.ContentLength;
        if (declared > MaxBodyBytes) return ([], int.MaxValue);
        // What is declared may never come; many such senders must not take the memory.
        var expected = (int)Math.Min(declared ?? UndeclaredBytes, MaxTrustedBytes);
        var buffer = ArrayPool<byte>.Shared.Rent(expected + 1);
        var count = 0;
        try
        {
            while (true)
            {
                if (count == buffer.Length) Grow(ref buffer);
                var read = await request.Body.ReadAsync(buffer.AsMemory(count)).ConfigureAwait(false);
                count += read;
                if (read == 0 || count > MaxBodyBytes) return (buffer, count);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static void Grow(ref byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger.AsSpan());
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    private static Task RefuseLargeAsync(HttpContext http) => PlainText.WriteAsync(http,
        StatusCodes.Status400BadRequest,
        string.Create(CultureInfo.InvariantCulture, $"the request body is larger than {MaxBodyBytes} bytes\n"));

    private Task AnswerAsync(HttpContext http, RemoteWriteOutcome outcome)
    {
        switch (outcome.Kind)
        {
            case RemoteWriteOutcomeKind.Stored:
                http.Response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            case RemoteWriteOutcomeKind.StorageUnavailable:
                ApiLog.WriteUnavailable(workspace.Logger, outcome.Text);
                // Zero is ignored by senders.
                var seconds = outcome.RetryAfter is { } wait
                    ? Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds))
                    : DefaultRetryAfterSeconds;
                http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                return PlainText.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, outcome.Text + "\n");
            default:
                return PlainText.WriteAsync(http, StatusCodes.Status400BadRequest, outcome.Text + "\n");
        }
    }
}

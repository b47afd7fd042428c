using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace PromHost.Server;

/// <summary>Asks a server through Prometheus's HTTP API.</summary>
internal sealed class ServerClient : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly Uri _url;
    private readonly HttpClient _http;

    /// <summary>Makes the client; nothing is sent yet.</summary>
    /// <param name="url">Of <see cref="ServerUrl"/>.</param>
    /// <param name="timeout">How long an answer may take.</param>
    public ServerClient(Uri url, TimeSpan timeout)
    {
        // Without the password, which is not for messages.
        _url = new UriBuilder(url) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            AutomaticDecompression = System.Net.DecompressionMethods.All,
        })
        {
            Timeout = timeout,
        };
        if (url.UserInfo.Length > 0)
        {
            var user = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo));
            _http.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(user));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Asks.</summary>
    /// <exception cref="ServerCallException">It cannot be reached, is too slow or refuses.</exception>
    public async Task<ServerAnswer> AskAsync(ServerRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var message = MakeMessage(request);
            using var response = await _http.SendAsync(message, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return Read(body, $"{(int)response.StatusCode} {response.ReasonPhrase}");
        }
        catch (HttpRequestException error)
        {
            throw new ServerCallException($"cannot ask {_url}: {error.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var timeout = GoDurationText.Of((long)_http.Timeout.TotalMilliseconds);
            throw new ServerCallException($"cannot ask {_url}: no answer within {timeout}");
        }
    }

    private static List<string> Texts(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var texts) || texts.ValueKind != JsonValueKind.Array) return [];
        return [.. texts.EnumerateArray().Select(text => text.ToString())];
    }

    private HttpRequestMessage MakeMessage(ServerRequest request)
    {
        var place = _url.AbsoluteUri.TrimEnd('/') + "/api/v1/" + request.Path;
        if (!request.IsGet)
        {
            return new HttpRequestMessage(HttpMethod.Post, place)
            {
                Content = new FormUrlEncodedContent(request.Parameters),
            };
        }

        var query = string.Join('&', request.Parameters.Select(
            parameter => Uri.EscapeDataString(parameter.Key) + "=" + Uri.EscapeDataString(parameter.Value)));
        return new HttpRequestMessage(HttpMethod.Get, query.Length > 0 ? place + "?" + query : place);
    }

    private ServerAnswer Read(byte[] body, string status)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("status", out var outcome))
            {
                if (outcome.ValueEquals("success") && root.TryGetProperty("data", out var data))
                    return new ServerAnswer(data.Clone(), [.. Texts(root, "warnings"), .. Texts(root, "infos")]);
                if (root.TryGetProperty("error", out var error) && root.TryGetProperty("errorType", out var type))
                    throw new ServerCallException($"{type}: {error}");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not from Prometheus's API: told below.
        }

        throw new ServerCallException($"{_url} does not answer as Prometheus's API: {status}");
    }
}

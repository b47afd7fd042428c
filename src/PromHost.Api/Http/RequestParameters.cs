using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PromHost.Api;

/// <summary>The parameters of a request: those of a urlencoded body, then those of the query string.</summary>
internal sealed class RequestParameters
{
    /// <summary>The largest form body, in bytes. Go's net/http: 10 MiB.</summary>
    public const int MaxFormBytes = 10 << 20;

    private readonly List<KeyValuePair<string, string>> _pairs = [];

    /// <summary>What is wrong with the first damaged parameter, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>Reads the parameters; a body only of POST, PUT and PATCH and only when it is a form.</summary>
    /// <exception cref="ApiException">The body is too large.</exception>
    public static async ValueTask<RequestParameters> ReadAsync(HttpRequest request)
    {
        var parameters = new RequestParameters();
        var method = request.Method;
        if ((HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method)) && IsForm(request))
        {
            var body = await ReadBodyAsync(request).ConfigureAwait(false);
            parameters.Add(body.WrittenSpan);
        }

        if (request.QueryString.Value is { Length: > 1 } query) parameters.Add(Encoding.UTF8.GetBytes(query).AsSpan(1));
        return parameters;
    }

    /// <summary>The first value of a parameter, empty when it is missing.</summary>
    public string Get(string name)
    {
        foreach (var pair in _pairs)
        {
            if (string.Equals(pair.Key, name, StringComparison.Ordinal)) return pair.Value;
        }

        return "";
    }

    /// <summary>All values of a parameter.</summary>
    public List<string> GetAll(string name)
    {
        var values = new List<string>();
        foreach (var pair in _pairs)
        {
            if (string.Equals(pair.Key, name, StringComparison.Ordinal)) values.Add(pair.Value);
        }

        return values;
    }

    /// <summary>A time that must be there.</summary>
    /// <exception cref="ApiException">It is missing or is no time.</exception>
    public long GetRequiredTime(string name)
    {
        var text = Get(name);
        if (RequestTime.TryParseTime(text, out var timestampMs)) return timestampMs;
        throw ApiException.InvalidParameter(name, $"cannot parse {Model.GoText.Quote(text)} to a valid timestamp");
    }

    /// <summary>A time with a default.</summary>
    /// <exception cref="ApiException">It is no time.</exception>
    public long GetTime(string name, long defaultMs)
    {
        var text = Get(name);
        if (text.Length == 0) return defaultMs;
        if (RequestTime.TryParseTime(text, out var timestampMs)) return timestampMs;
        throw ApiException.InvalidParameter(name,
            $"invalid time value for '{name}': cannot parse {Model.GoText.Quote(text)} to a valid timestamp");
    }

    /// <summary>A duration in nanoseconds that must be there.</summary>
    /// <exception cref="ApiException">It is missing or is no duration.</exception>
    public long GetRequiredDuration(string name)
    {
        if (RequestTime.TryParseDuration(Get(name), out var nanoseconds, out var error)) return nanoseconds;
        throw ApiException.InvalidParameter(name, error!);
    }

    /// <summary>A duration, or null when it is missing.</summary>
    /// <exception cref="ApiException">It is no duration.</exception>
    public TimeSpan? GetDuration(string name) =>
        Get(name).Length == 0 ? null : TimeSpan.FromTicks(GetRequiredDuration(name) / 100);

    /// <summary>The largest number of results; 0: no limit.</summary>
    /// <exception cref="ApiException">It is no number or negative.</exception>
    public int GetLimit()
    {
        var text = Get("limit");
        if (text.Length == 0) return 0;
        if (!GoNumber.TryParseInteger(text, out var limit, out var error))
            throw ApiException.InvalidParameter("limit", error!);
        if (limit < 0) throw ApiException.InvalidParameter("limit", "limit must be non-negative");
        return (int)Math.Min(limit, int.MaxValue - 1);
    }

    private static bool IsForm(HttpRequest request)
    {
        var type = request.ContentType.AsSpan();
        var end = type.IndexOf(';');
        if (end >= 0) type = type[..end];
        return type.Trim().Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
    }

    // Without a token: a connection that breaks ends the read by itself, and a read cancelled from outside would leave
    // the web server with half a read.
    private static async ValueTask<ArrayBufferWriter<byte>> ReadBodyAsync(HttpRequest request)
    {
        var body = new ArrayBufferWriter<byte>();
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync().ConfigureAwait(false);
            if (body.WrittenCount + read.Buffer.Length > MaxFormBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw new ApiException(ApiErrorType.BadData, "error parsing form values: http: POST too large");
            }

            foreach (var piece in read.Buffer) body.Write(piece.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return body;
        }
    }

    private void Add(ReadOnlySpan<byte> text) => Error = UrlEncodedForm.Parse(text, _pairs) is { } error
        ? Error ?? error
        : Error;
}

using Microsoft.AspNetCore.Http;

namespace PromHost.Api;

/// <summary>One request to the API on its way through an endpoint.</summary>
internal sealed class ApiCall(
    HttpContext http, Workspace workspace, WorkspaceServices services, RequestParameters parameters, ResponseBody body)
{
    private const int MaxAnnotations = 10;

    /// <summary>The request and the response.</summary>
    public HttpContext Http { get; } = http;

    /// <summary>Whose request it is.</summary>
    public Workspace Workspace { get; } = workspace;

    /// <summary>What to answer with.</summary>
    public WorkspaceServices Services { get; } = services;

    /// <summary>The parameters.</summary>
    public RequestParameters Parameters { get; } = parameters;

    /// <summary>The answer's body.</summary>
    public ResponseBody Body { get; } = body;

    /// <summary>Cancelled when the client goes away.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Begins a successful answer; the data follow.</summary>
    public JsonBuffer BeginSuccess()
    {
        var json = new JsonBuffer(Body);
        json.Raw("{\"status\":\"success\",\"data\":"u8);
        return json;
    }

    /// <summary>Ends a successful answer.</summary>
    /// <param name="json">What <see cref="BeginSuccess"/> gave, or a later one over the same body.</param>
    /// <param name="warnings">Warnings; the first ten are told.</param>
    /// <param name="infos">Infos; the first ten are told.</param>
    public static void EndSuccess(
        ref JsonBuffer json, IReadOnlyList<string>? warnings = null, IReadOnlyList<string>? infos = null)
    {
        WriteAnnotations(ref json, ",\"warnings\":"u8, "warning", warnings);
        WriteAnnotations(ref json, ",\"infos\":"u8, "info", infos);
        json.Raw((byte)'}');
        json.Commit();
    }

    /// <summary>Writes a whole answer whose data is a list of strings.</summary>
    public async ValueTask WriteTextsAsync(IReadOnlyList<string> texts, IReadOnlyList<string>? warnings)
    {
        for (var at = 0; at < texts.Count || at == 0; at += TextsPerPiece)
        {
            WritePiece(texts, at);
            await Body.FlushIfLargeAsync(Aborted).ConfigureAwait(false);
        }

        var json = new JsonBuffer(Body);
        json.Raw((byte)']');
        EndSuccess(ref json, warnings);
    }

    private const int TextsPerPiece = 256;

    private void WritePiece(IReadOnlyList<string> texts, int start)
    {
        var json = start == 0 ? BeginSuccess() : new JsonBuffer(Body);
        if (start == 0) json.Raw((byte)'[');
        var end = Math.Min(texts.Count, start + TextsPerPiece);
        for (var i = start; i < end; i++)
        {
            if (i > 0) json.Raw((byte)',');
            json.Text(texts[i]);
        }

        json.Commit();
    }

    private static void WriteAnnotations(
        ref JsonBuffer json, ReadOnlySpan<byte> field, string kind, IReadOnlyList<string>? texts)
    {
        if (texts is not { Count: > 0 }) return;
        json.Raw(field);
        json.Texts(texts.Count <= MaxAnnotations
            ? texts
            : [.. texts.Take(MaxAnnotations), $"{texts.Count - MaxAnnotations} more {kind} annotations omitted"]);
    }
}

// Hot path: answers are collected here in pieces.
using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace PromHost.Api;

/// <summary>
/// The body of an answer, sent in pieces of about 64 KiB. Until the first piece is sent, status and content may still
/// be changed; an answer of one piece has a Content-Length.
/// </summary>
internal sealed class ResponseBody(HttpContext http, ContentCoding coding) : IBufferWriter<byte>, IAsyncDisposable
{
    private const int PieceBytes = 64 << 10;

    // What a query's own thread writes, in the turn in which it computed; more is left to the thread pool.
    private const int SmallAnswerBytes = 1 << 20;

    private readonly PieceBuffer _piece = new();
    private Stream? _encoder;
    private long _taken;

    /// <summary>Has a part of the answer been sent?</summary>
    public bool HasStarted { get; private set; }

    /// <summary>The first of gzip and deflate that the client lists, in its order.</summary>
    public static ContentCoding Negotiate(string? acceptEncoding)
    {
        foreach (var range in acceptEncoding.AsSpan().Split(','))
        {
            var coding = acceptEncoding.AsSpan(range).Trim();
            if (coding.SequenceEqual("gzip")) return ContentCoding.Gzip;
            if (coding.SequenceEqual("deflate")) return ContentCoding.Deflate;
        }

        return ContentCoding.Identity;
    }

    /// <inheritdoc/>
    public void Advance(int count) => _piece.Advance(count);

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => _piece.GetMemory(sizeHint);

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => _piece.GetSpan(sizeHint);

    /// <summary>Forgets what was written; only before anything is sent.</summary>
    public void Clear() => _piece.Clear();

    /// <summary>Sends what was written when it is a piece; cheap otherwise.</summary>
    public ValueTask FlushIfLargeAsync(CancellationToken cancellationToken) =>
        _piece.Count >= PieceBytes ? SendAsync(_piece, cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Sends what was written, and then a piece that was written elsewhere, which is empty again.</summary>
    public async ValueTask SendAsync(PieceBuffer piece, CancellationToken cancellationToken)
    {
        if (piece != _piece && _piece.Count > 0) await SendAsync(_piece, cancellationToken).ConfigureAwait(false);
        if (!HasStarted) Start();
        if (_encoder is not null) await _encoder.WriteAsync(piece.Written, cancellationToken).ConfigureAwait(false);
        else await WritePlainAsync(piece.Written, cancellationToken).ConfigureAwait(false);
        var wasSmall = _taken < SmallAnswerBytes;
        _taken += piece.Count;
        piece.Clear();
        if (wasSmall && _taken >= SmallAnswerBytes)
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    /// <summary>Sends the rest.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (!HasStarted && coding == ContentCoding.Identity) http.Response.ContentLength = _piece.Count;
        await SendAsync(_piece, cancellationToken).ConfigureAwait(false);
        if (_encoder is null) return;
        await _encoder.DisposeAsync().ConfigureAwait(false);
        _encoder = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_encoder is not null)
        {
            try
            {
                await _encoder.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
            {
                // The connection is gone already; this is the way out of a failed answer.
            }

            _encoder = null;
        }

        _piece.Dispose();
    }

    private async ValueTask WritePlainAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        var flush = await http.Response.BodyWriter.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        // Nobody reads any more: what follows need not even be formatted.
        if (flush.IsCompleted) throw new OperationCanceledException("the client closed the connection");
    }

    private void Start()
    {
        HasStarted = true;
        if (coding == ContentCoding.Identity) return;
        http.Response.Headers.ContentEncoding = coding == ContentCoding.Gzip ? "gzip" : "deflate";
        _encoder = coding == ContentCoding.Gzip
            ? new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true)
            : new ZLibStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
    }
}

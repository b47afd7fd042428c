// Hot path: hands what helping threads have written to the thread that sends it.
using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>
/// The pieces of an answer, written by the thread of the request and by those that help it, and sent in their order.
/// </summary>
/// <remarks>
/// Pieces are begun in order by whoever is free, at most two per thread that are not sent yet, which bounds the memory.
/// The request never waits while there is a piece to begin: it gets on when all helping threads are busy elsewhere.
/// </remarks>
internal sealed class PieceSequence : IAsyncDisposable
{
    // More could not be kept busy by one connection.
    private const int MaxHelpers = 7;

    private readonly Lock _gate = new();
    private readonly QueryEngine _engine;
    private readonly Func<Action<PieceBuffer>?> _begin;
    private readonly int _maxHelpers;
    private readonly Piece[] _ring;
    private TaskCompletionSource? _pieceDone; // when the request waits for a piece
    private Exception? _failure;
    private int _begun; // pieces begun
    private int _sent; // pieces sent
    private int _called; // helping threads that are on their way
    private int _helping; // helping threads at work
    private bool _ended; // no piece is left to begin

    /// <summary>Calls the first helping thread.</summary>
    /// <param name="engine">Lends threads.</param>
    /// <param name="begin">
    /// Begins the next piece: answers how it is written, or null when there is none. Not called by two threads at a
    /// time.
    /// </param>
    public PieceSequence(QueryEngine engine, Func<Action<PieceBuffer>?> begin)
    {
        _engine = engine;
        _begin = begin;
        _maxHelpers = Math.Min(engine.HelperCount, MaxHelpers);
        _ring = new Piece[2 * (_maxHelpers + 1)];
        for (var i = 0; i < _ring.Length; i++) _ring[i] = new Piece();
        lock (_gate) CallHelper();
    }

    /// <summary>Writes and sends all pieces.</summary>
    /// <param name="body">Where to.</param>
    /// <param name="cancellationToken">Ends the writing when the client goes away.</param>
    public async ValueTask SendAsync(ResponseBody body, CancellationToken cancellationToken)
    {
        await body.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (piece, work, wait) = Next();
            if (wait is not null)
            {
                await wait.ConfigureAwait(false);
            }
            else if (work is not null)
            {
                Write(piece!, work);
            }
            else if (piece is not null)
            {
                await body.SendAsync(piece.Buffer, cancellationToken).ConfigureAwait(false);
                lock (_gate)
                {
                    piece.Done = false;
                    _sent++;
                }
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Waits for the helping threads, and gives the memory back.</summary>
    public async ValueTask DisposeAsync()
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                // Those on their way will find nothing to do, whenever they arrive.
                _ended = true;
                if (_helping == 0) break;
                wait = WaitForPiece();
            }

            await wait.ConfigureAwait(false);
        }

        foreach (var piece in _ring) piece.Buffer.Dispose();
    }

    // What the request does next: wait, write a piece, send one; nothing when all are sent.
    private (Piece? Piece, Action<PieceBuffer>? Work, Task? Wait) Next()
    {
        lock (_gate)
        {
            if (_failure is not null) throw new InvalidOperationException("a part of the answer failed", _failure);
            var first = _ring[_sent % _ring.Length];
            if (_sent < _begun && first.Done) return (first, null, null);
            if (TryBegin(out var piece, out var work))
            {
                CallHelper();
                return (piece, work, null);
            }

            return _sent == _begun ? default : (null, null, WaitForPiece());
        }
    }

    // Under the lock.
    private bool TryBegin(out Piece piece, out Action<PieceBuffer>? work)
    {
        piece = _ring[_begun % _ring.Length];
        work = _ended || _begun - _sent == _ring.Length ? null : _begin();
        if (work is null)
        {
            _ended |= _begun - _sent < _ring.Length;
            return false;
        }

        _begun++;
        return true;
    }

    // Under the lock: a helper stays for as long as it finds pieces.
    private void CallHelper()
    {
        if (_ended || _called + _helping >= _maxHelpers) return;
        _called++;
        _engine.Help(Help);
    }

    // Under the lock.
    private Task WaitForPiece()
    {
        _pieceDone ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _pieceDone.Task;
    }

    private void Help()
    {
        for (var isFirst = true; ; isFirst = false)
        {
            Piece piece;
            Action<PieceBuffer>? work;
            lock (_gate)
            {
                if (isFirst)
                {
                    _called--;
                    _helping++;
                }

                if (!TryBegin(out piece, out work))
                {
                    _helping--;
                    Wake();
                    return;
                }
            }

            Write(piece, work!);
        }
    }

    private void Write(Piece piece, Action<PieceBuffer> work)
    {
        Exception? failure = null;
        try
        {
            work(piece.Buffer);
        }
        catch (Exception e)
        {
            // Thrown where the answer is sent.
            failure = e;
        }

        lock (_gate)
        {
            _failure ??= failure;
            piece.Done = true;
            Wake();
        }
    }

    // Under the lock.
    private void Wake()
    {
        _pieceDone?.SetResult();
        _pieceDone = null;
    }

    private sealed class Piece
    {
        public PieceBuffer Buffer { get; } = new();

        public bool Done { get; set; }
    }
}

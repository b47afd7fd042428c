namespace PromHost.PromQL;

/// <summary>
/// Lets only so many of the running queries compute at a time, in turns: whoever has computed for a while makes room
/// when another one waits. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// With a thread per query and the system's scheduler alone, twenty heavy queries on two processors make everything
/// late: before it collects, the runtime waits for each thread that computes to be given a processor and stop.
/// Measured, that is 20 to 80 ms for a collection of one; a thread that waits for its turn is waited for by nobody.
/// </para>
/// <para>
/// Queries that have not had a turn yet come first, so small ones pass by heavy ones. A thread makes room where it
/// asks whether the query has ended; one that does not come there for long (a long kernel, a slow disk) keeps nobody
/// waiting: then one more than wanted computes. So nothing here can come to a standstill.
/// </para>
/// </remarks>
internal sealed class QueryTurns
{
    /// <summary>How long a turn lasts when others wait.</summary>
    public static readonly TimeSpan TurnLength = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly Line _newcomers = new();
    private readonly Line _others = new();
    private readonly int _places;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;
    private int _running;
    private volatile int _waiting;

    /// <summary>Lets nobody wait yet.</summary>
    /// <param name="places">How many may compute at a time.</param>
    /// <param name="patience">How long the first of those who wait waits while none of them gets a turn.</param>
    /// <param name="clock">For the length of turns.</param>
    public QueryTurns(int places, TimeSpan patience, TimeProvider clock)
    {
        _places = places;
        _patience = patience;
        _clock = clock;
    }

    /// <summary>How many compute now.</summary>
    public int Running
    {
        get
        {
            lock (_gate) return _running;
        }
    }

    /// <summary>How many wait now.</summary>
    public int Waiting => _waiting;

    private bool TryEnterAtOnce(Turn turn, Line line)
    {
        lock (_gate)
        {
            if (_running < _places && _waiting == 0)
            {
                _running++;
                return true;
            }

            turn.IsGranted = false;
            turn.SeenGranted = line.Granted;
            line.Turns.AddLast(turn.Node);
            _waiting++;
            GrantFree();
            return turn.IsGranted;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _running--;
            GrantFree();
        }
    }

    // Under the gate.
    private void GrantFree()
    {
        while (_running < _places && (_newcomers.Turns.First ?? _others.Turns.First) is { } next) Grant(next.Value);
    }

    // Under the gate.
    private void Grant(Turn turn)
    {
        var line = turn.Node.List == _newcomers.Turns ? _newcomers : _others;
        line.Turns.Remove(turn.Node);
        line.Granted++;
        _waiting--;
        _running++;
        turn.Grant();
    }

    // More than there are places, rather than that one waits for ever.
    private void GrantUnlessGranted(Turn turn)
    {
        lock (_gate)
        {
            if (!turn.IsGranted) Grant(turn);
        }
    }

    private void GrantIfNobodyMoved(Turn turn, Line line)
    {
        lock (_gate)
        {
            if (turn.IsGranted) return;
            if (line.Turns.First == turn.Node && line.Granted == turn.SeenGranted) Grant(turn);
            turn.SeenGranted = line.Granted;
        }
    }

    /// <summary>The right of a query's thread to compute; of that thread alone.</summary>
    internal sealed class Turn : IDisposable
    {
        private readonly object _granted = new();
        private readonly QueryTurns _turns;
        private readonly CancellationToken _ended;
        private long _began;

        /// <summary>Of a query that has not begun yet.</summary>
        /// <param name="turns">Among whom.</param>
        /// <param name="ended">A query that is over does not wait: it has only to clear up.</param>
        public Turn(QueryTurns turns, CancellationToken ended)
        {
            _turns = turns;
            _ended = ended;
            Node = new LinkedListNode<Turn>(this);
        }

        /// <summary>Its place in a line.</summary>
        internal LinkedListNode<Turn> Node { get; }

        /// <summary>May it compute? Written under the gate.</summary>
        internal bool IsGranted { get; set; }

        /// <summary>How far its line had moved when it last looked.</summary>
        internal long SeenGranted { get; set; }

        /// <summary>Waits for the first turn.</summary>
        /// <returns>This, to be disposed when the query is evaluated.</returns>
        public Turn Begin()
        {
            Enter(_turns._newcomers);
            return this;
        }

        /// <summary>
        /// Makes room when the turn has lasted and others wait, and waits for the next; cheap otherwise. Not to be
        /// called with a lock held.
        /// </summary>
        public void MakeRoom()
        {
            if (_turns._waiting == 0 || _turns._clock.GetElapsedTime(_began) < TurnLength) return;
            _turns.Leave();
            Enter(_turns._others);
        }

        /// <summary>The query needs no more turns.</summary>
        public void Dispose() => _turns.Leave();

        /// <summary>Waits in a line.</summary>
        internal void Enter(Line line)
        {
            if (!_turns.TryEnterAtOnce(this, line)) Wait(line);
            _began = _turns._clock.GetTimestamp();
        }

        /// <summary>Wakes the thread; under the gate.</summary>
        internal void Grant()
        {
            lock (_granted)
            {
                IsGranted = true;
                Monitor.Pulse(_granted);
            }
        }

        private void Wait(Line line)
        {
            using var atEnd = _ended.UnsafeRegister(
                static state => ((Turn)state!)._turns.GrantUnlessGranted((Turn)state), this);
            while (true)
            {
                lock (_granted)
                {
                    // Waiting threads sleep: one that spins takes the processor from a thread that works.
                    if (!IsGranted) Monitor.Wait(_granted, _turns._patience);
                    if (IsGranted) return;
                }

                _turns.GrantIfNobodyMoved(this, line);
            }
        }
    }

    /// <summary>Turns that wait, and how many of the line were granted so far.</summary>
    internal sealed class Line
    {
        /// <summary>In the order in which they came.</summary>
        public LinkedList<Turn> Turns { get; } = new();

        /// <summary>How often the line has moved.</summary>
        public long Granted { get; set; }
    }
}

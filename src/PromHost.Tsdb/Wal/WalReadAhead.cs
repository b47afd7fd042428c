// Hot path: replay reads every record of the log through it.
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace PromHost.Tsdb;

/// <summary>
/// Reads a log ahead on a thread of its own: reading, checking, decompressing and decoding the next records goes on
/// while the ones before are applied. The batches that wait are few, whatever the log's size. For one thread.
/// </summary>
internal sealed class WalReadAhead : IDisposable
{
    private const int Batches = 6;

    private readonly WalReader _reader;
    private readonly WalRecordDecoder _decoder = new();
    private readonly BlockingCollection<WalBatch> _empty = new(Batches);
    private readonly BlockingCollection<WalBatch> _full = new(Batches);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;
    private Exception? _error;
    private WalBatch? _taken;

    /// <summary>Starts reading.</summary>
    /// <param name="reader">Is this object's until it is disposed of.</param>
    public WalReadAhead(WalReader reader)
    {
        _reader = reader;
        for (var i = 0; i < Batches; i++) _empty.Add(new WalBatch());
        _thread = new Thread(Run) { Name = "tsdb-log-reader", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Gives the next batch of records; valid until the next call.</summary>
    /// <returns>False at the end of the log.</returns>
    /// <exception cref="WalCompressionException">The log cannot be read here.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public bool TryTake(out WalBatch batch)
    {
        if (_taken is not null) _empty.Add(_taken);
        _taken = null;
        if (_full.TryTake(out var next, Timeout.Infinite))
        {
            batch = _taken = next;
            return true;
        }

        _thread.Join();
        if (_error is { } error) ExceptionDispatchInfo.Throw(error);
        batch = null!;
        return false;
    }

    /// <summary>Ends the reading.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        _thread.Join();
        _stopping.Dispose();
        _empty.Dispose();
        _full.Dispose();
    }

    private void Run()
    {
        try
        {
            var batch = Next();
            while (_reader.TryRead(out var record))
            {
                if (!batch.TryAdd(record, _decoder))
                {
                    _full.Add(batch, _stopping.Token);
                    batch = Next();
                    batch.TryAdd(record, _decoder);
                }

                batch.Segment = _reader.Segment.Number;
                batch.LogBytes = _reader.TotalBytes;
            }

            if (!batch.IsEmpty) _full.Add(batch, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Whoever applied the records has failed.
        }
        catch (Exception error)
        {
            _error = error;
        }
        finally
        {
            _full.CompleteAdding();
        }
    }

    private WalBatch Next()
    {
        var batch = _empty.Take(_stopping.Token);
        batch.Clear();
        return batch;
    }
}

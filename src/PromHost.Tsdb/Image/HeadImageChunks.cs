// Hot path: a start copies the open chunk of every series of the image here.
using System.Collections.Concurrent;

namespace PromHost.Tsdb;

/// <summary>
/// Gives the series of a head image their chunks, on a thread of its own, a few sections behind the thread that creates
/// the series. The two touch different things: that one the labels, this one the states of series that are there.
/// </summary>
internal sealed class HeadImageChunks : IDisposable
{
    private const int MaxWaitingSections = 8;

    private readonly Head _head;
    private readonly HeadImage _image;
    private readonly Action<int, ulong> _register;
    private readonly BlockingCollection<CheckedSection> _waiting = new(MaxWaitingSections);
    private readonly Task _task;

    /// <summary>Starts the thread.</summary>
    /// <param name="head">The head.</param>
    /// <param name="image">The image.</param>
    /// <param name="register">
    /// Takes note of a series and its number in the log, and gives it its full chunks; called before its open chunk is
    /// there.
    /// </param>
    public HeadImageChunks(Head head, HeadImage image, Action<int, ulong> register)
    {
        _head = head;
        _image = image;
        _register = register;
        _task = Task.Factory.StartNew(
            Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Hands over a section of which the series are there.</summary>
    public void Add(CheckedSection section) => _waiting.Add(section);

    /// <summary>Waits until all have their chunks.</summary>
    public void Finish()
    {
        _waiting.CompleteAdding();
        _task.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        ((IAsyncResult)_task).AsyncWaitHandle.WaitOne();
        _waiting.Dispose();
    }

    private void Run()
    {
        List<int> pairs = [];
        List<MappedChunk> mapped = [];
        try
        {
            foreach (var section in _waiting.GetConsumingEnumerable()) Fill(section, pairs, mapped);
        }
        catch
        {
            // Whoever hands over does not wait for ever.
            foreach (var _ in _waiting.GetConsumingEnumerable())
            {
            }

            throw;
        }
    }

    private void Fill(CheckedSection section, List<int> pairs, List<MappedChunk> mapped)
    {
        var reader = new ImageSeriesReader(_image.DataOf(section.Index));
        foreach (var series in section.Series)
        {
            reader.MoveNext(pairs, mapped);
            _register(series, reader.WalRef);
            switch (reader.Open)
            {
                case ImageOpenChunk.Floats:
                    if (IsWanted(series, reader.MinTimeMs, reader.Encoder.LastTimestampMs))
                    {
                        _head.Appender.Resume(
                            series, reader.Encoder, reader.Chunk, reader.MinTimeMs, reader.CutAtMs);
                    }

                    break;
                case ImageOpenChunk.Histograms or ImageOpenChunk.HistogramsWithPredictedEnd:
                    var open = section.Histograms.Dequeue();
                    if (IsWanted(series, reader.MinTimeMs, open.LastTimeMs))
                        _head.Appender.Resume(series, open, reader.MinTimeMs, reader.CutAtMs);
                    break;
                default:
                    break;
            }
        }
    }

    // It may have become a full chunk since, and it may be in a block.
    private bool IsWanted(int series, long minTimeMs, long lastTimeMs) =>
        minTimeMs > _head.Appender.LastTimeMs(series) && lastTimeMs >= _head.MinValidTimeMs;
}

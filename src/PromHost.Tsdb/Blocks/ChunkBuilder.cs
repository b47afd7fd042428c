// Hot path: every sample that is encoded anew passes through here.
using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Makes chunks of the samples of one series, given in order of time: a new one where the other is full, where floats
/// and histograms take turns, and where a histogram does not fit. Keeps its buffers; for one thread.
/// </summary>
internal sealed class ChunkBuilder
{
    private readonly ChunkBytes _bytes = new();
    private readonly Xor2ChunkEncoder _xor2 = new();
    private readonly HistogramRecoder _recoder = new();
    private readonly HistogramChunkEncoder?[] _histograms =
        new HistogramChunkEncoder?[ChunkEncoding.FloatHistogramSt + 1];

    private readonly RawHistogram _raw = new();
    private byte[] _buffer = [];
    private XorChunkEncoder _xor;
    private ChunkRules _rules;
    private List<EncodedChunk> _output = [];
    private byte _encoding;
    private int _count;
    private long _minTimeMs;
    private long _maxTimeMs;

    /// <summary>Samples encoded so far.</summary>
    public long SampleCount { get; private set; }

    /// <summary>Start timestamps that were known and for which the chunks have no place.</summary>
    public long DroppedStartTimestamps { get; private set; }

    /// <summary>Begins with the samples of a series.</summary>
    /// <param name="rules">How they become chunks.</param>
    /// <param name="output">Where chunks are added; their bytes are valid until <see cref="Release"/>.</param>
    public void Begin(in ChunkRules rules, List<EncodedChunk> output)
    {
        _rules = rules;
        _output = output;
        _count = 0;
        _encoding = 0;
    }

    /// <summary>Appends samples that are newer than those before.</summary>
    /// <param name="columns">Where they are.</param>
    /// <param name="start">The first one.</param>
    /// <param name="end">The one behind the last.</param>
    public void Append(SampleColumns columns, int start, int end)
    {
        SampleCount += end - start;
        if (columns.Histograms.IsEmpty && columns.StartTimestampsMs.IsEmpty)
        {
            AppendFloats(columns.TimestampsMs[start..end], columns.Values[start..end]);
            return;
        }

        for (var i = start; i < end; i++)
        {
            var startMs = columns.StartTimestampsMs.IsEmpty ? 0 : columns.StartTimestampsMs[i];
            var histogram = columns.Histograms.IsEmpty ? null : columns.Histograms[i];
            if (histogram is null) Append(columns.TimestampsMs[i], startMs, columns.Values[i]);
            else Append(columns.TimestampsMs[i], startMs, histogram);
        }
    }

    /// <summary>Adds the last chunk.</summary>
    public void End()
    {
        if (_count == 0) return;
        var data = _encoding switch
        {
            ChunkEncoding.Xor => _buffer.AsSpan(0, _xor.LengthBytes),
            ChunkEncoding.Xor2 => _xor2.Data.Span,
            _ => _histograms[_encoding]!.Data.Span,
        };
        _output.Add(new EncodedChunk(_minTimeMs, _maxTimeMs, _encoding, _bytes.Copy(data)));
        _count = 0;
    }

    /// <summary>The bytes of the chunks made so far are not used any more.</summary>
    public void Release() => _bytes.Clear();

    private void AppendFloats(ReadOnlySpan<long> timestampsMs, ReadOnlySpan<double> values)
    {
        for (var i = 0; i < timestampsMs.Length; i++)
        {
            if (_count > 0 && _count < _rules.MaxSamples && _encoding == ChunkEncoding.Xor)
            {
                AppendXor(timestampsMs[i], values[i]);
                _maxTimeMs = timestampsMs[i];
                _count++;
            }
            else
            {
                Append(timestampsMs[i], 0, values[i]);
            }
        }
    }

    private void Append(long timestampMs, long startMs, double value)
    {
        var wanted = EncodingOf(
            startMs != 0 && _rules.WritesStartTimestamps, ChunkEncoding.Xor, ChunkEncoding.Xor2);
        if (_rules.WritesXor2 && _rules.Encoding == 0) wanted = ChunkEncoding.Xor2;
        // Floats without a start timestamp have their place in an open XOR2 chunk too.
        var isSame = wanted == _encoding || (_encoding == ChunkEncoding.Xor2 && wanted == ChunkEncoding.Xor);
        if (_count == 0 || _count >= _rules.MaxSamples || !isSame)
        {
            StartChunk(wanted, timestampMs);
            if (wanted == ChunkEncoding.Xor2) _xor2.Restart();
            else StartXor();
        }

        if (_encoding == ChunkEncoding.Xor2) _xor2.Append(timestampMs, startMs, value);
        else AppendXor(timestampMs, value);
        Count(timestampMs, startMs);
    }

    private void Append(long timestampMs, long startMs, NativeHistogram histogram)
    {
        var isWithStart = startMs != 0 && _rules.WritesHistogramStartTimestamps;
        var wanted = histogram.IsInteger
            ? EncodingOf(isWithStart, ChunkEncoding.Histogram, ChunkEncoding.HistogramSt)
            : EncodingOf(isWithStart, ChunkEncoding.FloatHistogram, ChunkEncoding.FloatHistogramSt);
        _raw.Set(histogram);
        var encoder = _histograms[wanted] ??= HistogramChunkEncoder.Create(wanted, _recoder);
        var isSame = _count > 0 && _count < _rules.MaxSamples && wanted == _encoding;
        // A stale marker says nothing of its kind; in a part it stays where it was.
        if (isSame && _rules.Encoding != 0 && _raw.IsStale && encoder.Header == CounterResetHint.Gauge)
            _raw.CounterResetHint = CounterResetHint.Gauge;
        var header = HistogramChunkEncoder.HeaderOf(_raw);
        var isAppended = isSame && encoder.TryAppend(timestampMs, startMs, _raw, out header);
        if (!isAppended)
        {
            StartChunk(wanted, timestampMs);
            encoder.Restart(header);
            encoder.TryAppend(timestampMs, startMs, _raw, out _);
        }

        Count(timestampMs, startMs);
    }

    private byte EncodingOf(bool isWithStart, byte plain, byte withStart)
    {
        if (_rules.Encoding != 0) return _rules.Encoding;
        return isWithStart ? withStart : plain;
    }

    private void Count(long timestampMs, long startMs)
    {
        if (startMs != 0 && !ChunkEncodings.HasStartTimestamps(_encoding)) DroppedStartTimestamps++;
        _maxTimeMs = timestampMs;
        _count++;
    }

    private void StartChunk(byte encoding, long timestampMs)
    {
        End();
        _encoding = encoding;
        _minTimeMs = timestampMs;
    }

    private void StartXor()
    {
        if (_buffer.Length == 0) _buffer = new byte[4096];
        _xor = XorChunkEncoder.Start(_buffer);
    }

    private void AppendXor(long timestampMs, double value)
    {
        if (_buffer.Length - _xor.LengthBytes < XorChunkEncoder.RequiredFreeBytes)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        _xor.Append(_buffer, timestampMs, value);
    }
}

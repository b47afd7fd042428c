using PromHost.Codecs;

namespace PromHost.Chunks;

/// <summary>Reads what <see cref="StartTimestampWriter"/> writes.</summary>
internal struct StartTimestampReader
{
    private readonly bool _firstIsKnown;
    private readonly int _firstChange;
    private long _lastAge;

    /// <summary>A reader for the chunk with this byte in its header.</summary>
    public StartTimestampReader(byte header)
    {
        _firstIsKnown = (header & 0x80) != 0;
        _firstChange = header & StartTimestampWriter.MaxFirstChange;
    }

    /// <summary>The start timestamp of the sample read last; 0 is unknown.</summary>
    public long StartMs { get; private set; }

    /// <summary>Reads what lies behind a sample.</summary>
    /// <param name="reader">The chunk, behind the sample.</param>
    /// <param name="index">The sample's index in the chunk.</param>
    /// <param name="timestampMs">The timestamp of the first sample; of others, that of the sample before.</param>
    /// <returns>False when it is damaged.</returns>
    public bool TryRead(ref BitReader reader, int index, long timestampMs)
    {
        if (index == 0)
        {
            if (!_firstIsKnown) return true;
            if (!Varbit.TryReadVarint(ref reader, out var age)) return false;
            StartMs = timestampMs - age;
            return true;
        }

        if (_firstChange == 0 || index < _firstChange) return true;
        var change = Varbit.Read(ref reader);
        _lastAge = index == _firstChange ? change : _lastAge + change;
        StartMs = timestampMs - _lastAge;
        return true;
    }
}

namespace PromHost.Chunks;

/// <summary>
/// Adds start timestamps behind the samples of a chunk (Prometheus <c>tsdb/chunkenc/st.go</c>): nothing as long as they
/// are unknown; that of the first sample; and from the sample where they first change, one for every sample. A byte of
/// the chunk's header says which: the highest bit that the first one is there, the others where they first change.
/// </summary>
internal struct StartTimestampWriter
{
    /// <summary>The last sample at which they can first change: from there on they are always written.</summary>
    public const int MaxFirstChange = 0x7F;

    private const byte FirstIsKnown = 0x80;

    private long _lastMs;
    private long _lastAge;
    private int _firstChange;

    /// <summary>Writes what belongs behind a sample.</summary>
    /// <param name="writer">The chunk.</param>
    /// <param name="headerOffset">Where the header's byte is.</param>
    /// <param name="index">The sample's index in the chunk.</param>
    /// <param name="startMs">Its start timestamp; 0 is unknown.</param>
    /// <param name="timestampMs">The timestamp of the first sample; of others, that of the sample before.</param>
    public void Write(ref ChunkBitWriter writer, int headerOffset, int index, long startMs, long timestampMs)
    {
        if (index == 0)
        {
            if (startMs != 0)
            {
                writer.WriteVarint(timestampMs - startMs);
                writer.Buffer[headerOffset] = FirstIsKnown;
            }
        }
        else if (_firstChange > 0)
        {
            var age = timestampMs - startMs;
            writer.WriteVarbit(age - _lastAge);
            _lastAge = age;
        }
        else if (startMs != _lastMs || index == MaxFirstChange)
        {
            _lastAge = timestampMs - startMs;
            _firstChange = index;
            writer.WriteVarbit(_lastAge);
            writer.Buffer[headerOffset] |= (byte)index;
        }

        _lastMs = startMs;
    }
}

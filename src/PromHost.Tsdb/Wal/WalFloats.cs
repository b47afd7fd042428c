// Hot path: replay reads every logged float with a start timestamp here.
using System.Buffers.Binary;

namespace PromHost.Tsdb;

/// <summary>
/// Reads the floats of a record of type <see cref="WalRecordType.SamplesV2"/> with their start timestamps, one after
/// another. Any bytes are safe.
/// </summary>
internal ref struct WalFloats
{
    private readonly ReadOnlySpan<byte> _record;
    private WalEntries _entries;

    /// <summary>Before the first float.</summary>
    public WalFloats(ReadOnlySpan<byte> record)
    {
        _record = record;
        _entries = new WalEntries(record);
    }

    /// <summary>The series of the float.</summary>
    public readonly ulong Ref => _entries.Ref;

    /// <summary>Its timestamp.</summary>
    public readonly long TimestampMs => _entries.TimeMs;

    /// <summary>Its start timestamp; 0 is unknown.</summary>
    public readonly long StartTimestampMs => _entries.StartTimeMs;

    /// <summary>Its value.</summary>
    public readonly double Value => BinaryPrimitives.ReadDoubleBigEndian(_record[_entries.ContentStart..]);

    /// <summary>Did the record end in bad bytes?</summary>
    public readonly bool IsMalformed => _entries.IsMalformed;

    /// <summary>Goes to the next float; false behind the last one, and at bad bytes.</summary>
    public bool MoveNext() => _entries.MoveNext();
}

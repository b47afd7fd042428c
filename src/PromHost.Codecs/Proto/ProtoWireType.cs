namespace PromHost.Codecs;

/// <summary>How the value behind a protobuf tag is laid out: the three low bits of the tag.</summary>
public enum ProtoWireType
{
    /// <summary>A varint: integers, enums, bools.</summary>
    Varint = 0,

    /// <summary>Eight bytes, little-endian: doubles and 64-bit fixed integers.</summary>
    Fixed64 = 1,

    /// <summary>A varint length and that many bytes: strings, bytes, messages, packed lists.</summary>
    Bytes = 2,

    /// <summary>The begin of a group (proto2); known only to be skipped.</summary>
    StartGroup = 3,

    /// <summary>The end of a group.</summary>
    EndGroup = 4,

    /// <summary>Four bytes, little-endian.</summary>
    Fixed32 = 5,
}

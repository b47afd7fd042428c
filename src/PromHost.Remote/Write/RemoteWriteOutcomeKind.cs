namespace PromHost.Remote;

/// <summary>What became of a remote-write request as a whole.</summary>
public enum RemoteWriteOutcomeKind
{
    /// <summary>Everything in it is stored.</summary>
    Stored,

    /// <summary>What was good is stored, the rest is refused for good: the sender is at fault.</summary>
    PartlyRejected,

    /// <summary>The body is not a snappy block. Nothing is stored; the sender is at fault.</summary>
    BadSnappy,

    /// <summary>The message is malformed. Nothing is stored; the sender is at fault.</summary>
    BadProtobuf,

    /// <summary>The message is larger than the limit. Nothing is stored; the sender is at fault.</summary>
    TooLarge,

    /// <summary>The storage takes no writes at present. Nothing is stored; the sender may try again.</summary>
    StorageUnavailable,
}

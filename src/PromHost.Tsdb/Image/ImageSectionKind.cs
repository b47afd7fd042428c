namespace PromHost.Tsdb;

/// <summary>What a section of a head image holds.</summary>
internal enum ImageSectionKind : byte
{
    /// <summary>Which log the image belongs to, and up to where.</summary>
    Anchor = 1,

    /// <summary>Label pairs, numbered from 0 on in the order of all sections of this kind.</summary>
    Pairs = 2,

    /// <summary>Series, by the numbers of pairs of sections before this one.</summary>
    Series = 3,

    /// <summary>Other numbers of series in the log.</summary>
    OtherRefs = 4,

    /// <summary>What is deleted, as a record of the log.</summary>
    Tombstones = 5,

    /// <summary>Metadata of families, as a record of the log.</summary>
    Metadata = 6,

    /// <summary>Exemplars.</summary>
    Exemplars = 7,

    /// <summary>What is known only when all is written.</summary>
    End = 8,
}

namespace PromHost.Tsdb;

/// <summary>The first byte of a record (Prometheus <c>tsdb/record</c>).</summary>
internal enum WalRecordType : byte
{
    /// <summary>No record type that is known here.</summary>
    Unknown = 0,

    /// <summary>Series refs with their labels.</summary>
    Series = 1,

    /// <summary>Float samples.</summary>
    Samples = 2,

    /// <summary>Deleted time ranges.</summary>
    Tombstones = 3,

    /// <summary>Exemplars.</summary>
    Exemplars = 4,

    /// <summary>In the out-of-order log: up to where a series' samples went to mapped chunks.</summary>
    MmapMarkers = 5,

    /// <summary>Type, unit and help of a series.</summary>
    Metadata = 6,

    /// <summary>Integer native histograms.</summary>
    Histograms = 7,

    /// <summary>Float native histograms.</summary>
    FloatHistograms = 8,

    /// <summary>Integer native histograms, some with custom buckets.</summary>
    CustomBucketsHistograms = 9,

    /// <summary>Float native histograms, some with custom buckets.</summary>
    CustomBucketsFloatHistograms = 10,

    /// <summary>Float samples with start timestamps (Prometheus 3.11 and later, behind a feature).</summary>
    SamplesV2 = 11,

    /// <summary>Integer native histograms with start timestamps.</summary>
    HistogramsV2 = 12,

    /// <summary>Float native histograms with start timestamps.</summary>
    FloatHistogramsV2 = 13,
}

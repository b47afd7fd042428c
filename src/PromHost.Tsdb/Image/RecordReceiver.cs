namespace PromHost.Tsdb;

/// <summary>Receives a record as the log holds them.</summary>
/// <param name="record">Valid during the call.</param>
internal delegate void RecordReceiver(ReadOnlySpan<byte> record);

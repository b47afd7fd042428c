namespace PromHost.Tsdb;

/// <summary>Metadata of a series in the log.</summary>
/// <param name="Ref">The series.</param>
/// <param name="Type">
/// 0 unknown, 1 counter, 2 gauge, 3 histogram, 4 gaugehistogram, 5 summary, 6 info, 7 stateset.
/// </param>
/// <param name="Unit">The unit, empty when unknown.</param>
/// <param name="Help">The description.</param>
/// <param name="Family">The family that it describes; empty when the series' name and the type tell it.</param>
internal readonly record struct WalMetadata(ulong Ref, byte Type, string Unit, string Help, string Family = "");

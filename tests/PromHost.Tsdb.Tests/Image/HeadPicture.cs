using System.Globalization;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// All that a head is, as lines of text: two heads with the same lines hold the same, decide the same of whatever comes
/// next, and write the same files. Of native histograms only the samples count: a replay of the log may begin their
/// chunks elsewhere, for it does not know what came before the first one.
/// </summary>
internal static class HeadPicture
{
    public static List<string> Of(Database database)
    {
        var head = database.Head;
        var lines = new List<string>
        {
            Text($"times {head.Appender.MinTimeMs} {head.Appender.MaxTimeMs} {head.MinValidTimeMs}"),
            Text($"late {head.OutOfOrder.MinTimeMs} {head.OutOfOrder.MaxTimeMs}"),
            Text($"series {head.Table.LivingCount} {head.Table.LastWalRef}"),
        };
        var ordinals = head.Index.Ordinals;
        for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, ordinals.Last, out var series); ordinal++)
            lines.AddRange(OfSeries(head, series));
        lines.AddRange(head.OtherRefs.Select(other => $"other {other.OtherRef} of {other.WalRef}"));
        foreach (var walRef in head.Tombstones.Current.SeriesRefs)
        {
            foreach (var interval in head.Tombstones.Current.Of(walRef)) lines.Add($"deleted of {walRef}: {interval}");
        }

        lines.AddRange(head.Metadata.ListCarried().Select(known => $"{known.Family}: {known.Metadata}"));
        lines.AddRange(head.Exemplars.ToList().Select((known, i) => Text($"exemplar {i}: {known}")));
        lines.AddRange(database.ReadAll().SelectMany(
            series => series.Value.Select(sample => Text($"{series.Key} {sample.T} {sample.V:R}"))));
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <summary>Tells what one has and the other has not.</summary>
    public static void ShouldShow(this List<string> actual, List<string> expected, string moment = "")
    {
        actual.Except(expected, StringComparer.Ordinal).Should().BeEmpty("the other has none of these " + moment);
        expected.Except(actual, StringComparer.Ordinal).Should().BeEmpty("this one has none of these " + moment);
    }

    private static IEnumerable<string> OfSeries(Head head, int series)
    {
        var known = head.Store.State(series);
        var bytes = new byte[1 << ChunkBuffers.MaxOrder];
        head.Store.Read(series, bytes, out var snapshot, out var open);
        var labels = head.Table.MakeLabels(series);
        yield return Text($"{labels}: number {known.WalRef}, logged {known.IsLogged}, late {known.HasOutOfOrder}");
        yield return Text($"{labels}: decided {known.DecidedTimeMs} {known.DecidedBits} {known.DecidedKind}");
        var mapped = snapshot.OpenHistograms is null ? snapshot.MappedCount : 0;
        foreach (var chunk in snapshot.Mapped.AsSpan(0, mapped).ToArray()) yield return $"{labels}: {chunk}";
        if (snapshot is { OpenCount: > 0, OpenHistograms: null })
        {
            var text = Convert.ToHexString(bytes.AsSpan(0, snapshot.OpenLength));
            yield return Text($"{labels}: open {snapshot.OpenMinTimeMs} {snapshot.LastTimeMs} {text}");
            var state = new byte[Chunks.XorChunkEncoder.StateBytes];
            open.Encoder.WriteState(state);
            yield return Text($"{labels}: open cut at {open.CutAtMs}, encoder {Convert.ToHexString(state)}");
        }

        if (!head.OutOfOrder.TryGet(series, out var late)) yield break;
        foreach (var chunk in late.Now.AllChunks.ToArray()) yield return $"{labels}: late {chunk}";
        foreach (var sample in late.Now.OpenSamples.ToArray()) yield return $"{labels}: late {sample}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace PromHost.Tsdb.Tests;

/// <summary>What Prometheus demands of the logs of a directory that it is to open.</summary>
internal static class LogCheck
{
    /// <summary>Runs it.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="minTimeMs">
    /// Where the blocks end: what is older in the WAL is passed over before its series is asked for, by Prometheus too.
    /// </param>
    /// <param name="moment">What to say of a failure.</param>
    public static void Run(IDataDirectory directory, long minTimeMs, string moment)
    {
        var known = new HashSet<ulong>();
        Read(directory, "wal", known, minTimeMs, moment);
        Read(directory, "wbl", known, long.MinValue, moment);
    }

    private static void Read(
        IDataDirectory directory, string path, HashSet<ulong> known, long minTimeMs, string moment)
    {
        var numbers = directory.List(path).Where(name => name.All(char.IsAsciiDigit))
            .Select(name => int.Parse(name, CultureInfo.InvariantCulture)).Order().ToList();
        if (numbers.Count > 0)
            numbers.Should().Equal(Enumerable.Range(numbers[0], numbers.Count), $"no number is missing, {moment}");
        var checkpoint = WalSegments.LastCheckpoint(directory, path);
        if (checkpoint >= 0) numbers[0].Should().Be(checkpoint + 1, moment);
        using var reader = WalReader.Open(directory, path);
        while (reader.TryRead(out var record))
        {
            var type = WalRecordDecoder.TypeOf(record);
            var entries = new WalEntries(record);
            while (entries.MoveNext())
            {
                if (type == WalRecordType.Series) known.Add(entries.Ref);
                else if (entries.TimeMs >= minTimeMs && !known.Contains(entries.Ref))
                    Assert.Fail($"{type} of {path} need their series {entries.Ref}, {moment}");
            }

            entries.IsMalformed.Should().BeFalse(moment);
        }

        reader.Damages.Should().BeEmpty(moment);
    }
}

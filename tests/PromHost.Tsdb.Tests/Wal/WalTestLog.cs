namespace PromHost.Tsdb.Tests;

/// <summary>Records with recognizable content, and short ways to write and read a log of them.</summary>
internal static class WalTestLog
{
    public const int SmallSegmentBytes = 4 * WalFormat.PageBytes;

    /// <summary>A record that tells its number; some compress, some do not, some span pages, some are tiny.</summary>
    public static byte[] Record(int number)
    {
        var random = new Random(number);
        var length = random.Next(20) switch
        {
            0 => random.Next(20_000, 90_000),
            < 5 => random.Next(200, 9_000),
            _ => random.Next(0, 60),
        };
        var record = new byte[length + 5];
        record[0] = 0xEE;
        BitConverter.TryWriteBytes(record.AsSpan(1), number);
        if (random.Next(2) == 0)
            random.NextBytes(record.AsSpan(5));
        return record;
    }

    public static int NumberOf(ReadOnlySpan<byte> record)
    {
        var number = BitConverter.ToInt32(record[1..]);
        record.SequenceEqual(Record(number)).Should().BeTrue("record {0} reads as it was written", number);
        return number;
    }

    public static void Write(IDataDirectory directory, int first, int count, int flushEvery = 7)
    {
        using var writer = WalWriter.Open(directory, "wal", SmallSegmentBytes);
        for (var i = first; i < first + count; i++)
        {
            writer.Append(Record(i));
            if (i % flushEvery == 0)
                writer.Flush();
        }
    }

    public static (List<int> Numbers, IReadOnlyList<WalDamage> Damages) Read(IDataDirectory directory)
    {
        using var reader = WalReader.Open(directory, "wal");
        var numbers = new List<int>();
        while (reader.TryRead(out var record))
            numbers.Add(NumberOf(record));
        return (numbers, reader.Damages);
    }
}

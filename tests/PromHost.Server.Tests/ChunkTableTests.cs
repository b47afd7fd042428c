using PromHost.Tsdb;

namespace PromHost.Server.Tests;

public class ChunkTableTests
{
    [Fact]
    public void Write_CountsChunksInAboutTenSteps()
    {
        var chunks = new ChunkAnalysis();
        // The number of samples, then bytes that the table does not look into.
        foreach (var (samples, bytes) in ((byte, int)[])[(120, 300), (120, 1100), (9, 40), (31, 90)])
            chunks.TryAdd(encoding: 1, [0, samples, .. new byte[bytes - 2]]).Should().BeTrue();
        using var output = new StringWriter();

        new ChunkTable(output).Write(chunks);

        output.ToString().Should().Be(string.Join(
            '\n',
            "",
            "Compaction analysis:",
            "",
            "samples per float chunk (min/avg/max): 9/70/120",
            "[  1, 100]: 2 " + new string('#', 50),
            "[101, 200]: 2 " + new string('#', 50),
            "[201, 300]: 0 ",
            "",
            "bytes per float chunk (min/avg/max): 40/382/1100",
            "[   1, 1000]: 3 " + new string('#', 75),
            "[1001, 2000]: 1 " + new string('#', 25),
            "[2001, 3000]: 0 ",
            "",
            "samples per histogram chunk: N/A",
            "",
            "bytes per histogram chunk: N/A",
            "",
            "buckets per histogram chunk: N/A",
            "",
            ""));
    }
}

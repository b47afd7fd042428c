namespace PromHost.Tsdb.Tests;

public class ByteRingTests
{
    [Fact]
    public void Get_GivesWhatWasAdded_WhileOlderOnesAreDropped()
    {
        var ring = new ByteRing();
        var random = new Random(5);
        var held = new Queue<(long Place, byte[] Bytes)>();
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = new byte[random.Next(0, 700)];
            random.NextBytes(bytes);
            held.Enqueue((ring.Add(bytes), bytes));
            // Grows first, then moves on at one size.
            while (held.Count > 3000)
            {
                var (place, dropped) = held.Dequeue();
                ring.Get(place, dropped.Length).SequenceEqual(dropped).Should().BeTrue();
                ring.DropBefore(place + dropped.Length);
            }
        }

        foreach (var (place, bytes) in held)
            ring.Get(place, bytes.Length).SequenceEqual(bytes).Should().BeTrue();
        ring.SizeBytes.Should().BeLessThan(3 << 20, "3000 strings of 350 bytes are held at a time");
    }
}

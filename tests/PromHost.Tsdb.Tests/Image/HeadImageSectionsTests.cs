using System.Buffers.Binary;

namespace PromHost.Tsdb.Tests;

/// <summary>Sections of an image whose checksums hold: what they say counts.</summary>
public sealed class HeadImageSectionsTests : IDisposable
{
    private readonly SimulatedDataDirectory _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task ReplayAsync_FindsSeriesByTheirLabels_HoweverLongTheseAre()
    {
        int[] lengths = [1, 127, 128, 254, 255, 256, 20_000];
        var all = lengths
            .Select(length => TestDatabase.Series("long", ("name", new string('v', length)), ("value", "x")))
            .Concat(lengths.Select(length => TestDatabase.Series("long", (new string('n', length), "x"))))
            .ToList();
        await using (var database = await HeadImageTests.OpenAsync(_disk))
        {
            foreach (var labels in all) await TestDatabase.AppendAsync(database, (labels, 1000, 1));
        }

        await using var again = await HeadImageTests.OpenAsync(_disk);

        again.ImageReplay.Used!.Value.Series.Should().Be(all.Count);
        foreach (var labels in all)
        {
            again.Head.Table.TryGet(labels, out var series).Should().BeTrue();
            again.Head.Table.LabelsOf(series).Should().Be(labels);
        }
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    public async Task ReplayAsync_IgnoresTheImage_WhenASectionIsCutOrGone(byte kind, int bytesCut)
    {
        var story = new HeadStory();
        await using (var database = await HeadImageTests.OpenAsync(_disk))
        {
            database.Image!.SectionBytes = 2000;
            await story.AppendAsync(database, 200);
        }

        Change(sections =>
        {
            // The last one: those before it are good.
            var index = sections.FindLastIndex(section => section.Kind == kind);
            var (_, data) = sections[index];
            if (bytesCut > 0) sections[index] = (kind, data[..^bytesCut]);
            else sections.RemoveAt(index);
        });
        await using (var database = await TestDatabase.OpenAsync(_disk))
        {
            database.ImageReplay.IsIgnored.Should().BeTrue();
            var picture = HeadPicture.Of(database);
            _disk.Delete(HeadImageFormat.Path);
            await using var without = await TestDatabase.OpenAsync(_disk);
            picture.ShouldShow(HeadPicture.Of(without));
        }
    }

    private void Change(Action<List<(byte Kind, byte[] Data)>> change)
    {
        byte[] image;
        using (var file = _disk.OpenRead(HeadImageFormat.Path))
        {
            image = new byte[file.Length];
            file.ReadFully(image, 0);
        }

        var sections = new List<(byte Kind, byte[] Data)>();
        for (var offset = HeadImageFormat.FileHeaderBytes; offset < image.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(image.AsSpan(offset + HeadImageFormat.LengthOffset));
            var start = offset + HeadImageFormat.SectionHeaderBytes;
            sections.Add((image[offset + HeadImageFormat.KindOffset], image[start..(start + length)]));
            offset = start + length;
        }

        change(sections);
        _disk.Delete(HeadImageFormat.Path);
        using var changed = _disk.Create(HeadImageFormat.Path);
        changed.Write(image.AsSpan(0, HeadImageFormat.FileHeaderBytes), 0);
        long end = HeadImageFormat.FileHeaderBytes;
        foreach (var (kind, data) in sections)
        {
            using var section = new ImageSection((ImageSectionKind)kind);
            section.Data.WriteBytes(data);
            section.WriteTo(changed, ref end);
        }
    }
}

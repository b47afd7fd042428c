using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PromHost.House.Tests;

/// <summary>Holds the room table of docs/architecture.md against the project files.</summary>
public partial class ArchitectureTests
{
    private static readonly IReadOnlyDictionary<string, string[]> Table = ReadTable();

    [Fact]
    public void Rooms_AreThoseOfTheTable()
    {
        var projects = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName);

        projects.Should().BeEquivalentTo(Table.Keys);
    }

    [Fact]
    public void References_AreThoseOfTheTable()
    {
        foreach (var (room, allowed) in Table) References(room).Should().BeSubsetOf(allowed, room);
    }

    [Fact]
    public void ForbiddenArrows_DoNotExist()
    {
        foreach (var room in new[] { "PromQL", "Remote", "Api" })
            References("PromHost." + room).Should().NotContain("PromHost.Tsdb", room);
        References("PromHost.Storage").Should().NotContain("PromHost.Chunks");
        foreach (var room in Table.Keys.Except(["PromHost.Api", "PromHost.Server"], StringComparer.Ordinal))
        {
            var text = File.ReadAllText(ProjectFile(room));
            text.Should().NotContain("Microsoft.AspNetCore", room).And.NotContain("Sdk.Web", room);
        }
    }

    [Fact]
    public void Packages_DoNotLeakThroughRooms()
    {
        foreach (var room in Table.Keys.Except(["PromHost.Server"], StringComparer.Ordinal))
        {
            var packages = XDocument.Load(ProjectFile(room)).Descendants("PackageReference");
            packages.Where(p => (string?)p.Attribute("PrivateAssets") != "compile").Should().BeEmpty(room);
        }
    }

    [Fact]
    public void EveryRoom_HasItsTests()
    {
        foreach (var room in Table.Keys)
            Directory.Exists(Path.Combine(Repository.Root, "tests", room + ".Tests")).Should().BeTrue(room);
    }

    private static string ProjectFile(string room) => Path.Combine(Repository.Root, "src", room, room + ".csproj");

    private static IEnumerable<string> References(string room) =>
        XDocument.Load(ProjectFile(room)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension((string?)reference.Attribute("Include") ?? ""));

    private static Dictionary<string, string[]> ReadTable()
    {
        var table = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "architecture.md")))
        {
            if (RoomRow().Match(line) is not { Success: true } row) continue;
            var references = row.Groups["references"].Value.Trim();
            table[row.Groups["room"].Value] = references == "-"
                ? []
                : [.. references.Split(',', StringSplitOptions.TrimEntries).Select(name => "PromHost." + name)];
        }

        return table;
    }

    [GeneratedRegex(@"^\| `(?<room>PromHost\.\w+)` \|.*\|(?<references>[^|]*)\|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RoomRow();
}

using System.Text.RegularExpressions;

namespace PromHost.House.Tests;

/// <summary>Rules of style that no analyzer checks.</summary>
public partial class StyleTests
{
    private const int MaxColumns = 120;
    private const int MaxLinesPerFile = 700;

    [Fact]
    public void Lines_FitIntoTheColumns()
    {
        var tooLong = Repository.SourceFiles("src", "tests", "benchmarks")
            .SelectMany(path => File.ReadLines(path)
                .Select((line, index) => (Place: $"{Repository.Relative(path)}:{index + 1}", line.Length)))
            .Where(line => line.Length > MaxColumns)
            .Select(line => line.Place);

        tooLong.Should().BeEmpty();
    }

    [Fact]
    public void Files_HaveOneSubject()
    {
        var tooLong = Repository.SourceFiles("src").Where(path => File.ReadLines(path).Count() > MaxLinesPerFile);

        tooLong.Select(Repository.Relative).Should().BeEmpty();
    }

    [Fact]
    public void TypeNames_SayWhatTheTypeIs()
    {
        var vague = Repository.SourceFiles("src")
            .SelectMany(path => VagueType().Matches(File.ReadAllText(path))
                .Select(match => $"{Repository.Relative(path)}: {match.Value}"));

        vague.Should().BeEmpty();
    }

    [Fact]
    public void Namespaces_AreFlat()
    {
        foreach (var path in Repository.SourceFiles("src"))
        {
            var room = Repository.Relative(path).Split('/')[1];
            var declared = Namespace().Match(File.ReadAllText(path));
            if (declared.Success) declared.Groups["name"].Value.Should().Be(room, Repository.Relative(path));
        }
    }

    [Fact]
    public void Rooms_HaveNoMutableStatics()
    {
        var found = Repository.SourceFiles("src")
            .SelectMany(path => File.ReadLines(path).Where(line => MutableStatic().IsMatch(line))
                .Select(line => $"{Repository.Relative(path)}: {line.Trim()}"));

        found.Should().BeEmpty();
    }

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+\w*(Helper|Manager|Utils|Util|Common|Wrapper)\b",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VagueType();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^\s*(private|internal|public)\s+static\s+" +
        @"(?!readonly|class|partial|extern|unsafe|async|implicit|explicit|abstract|event)" +
        @"(?!.*\boperator\b)[\w<>\[\]?,. ]+\s_?\w+\s*(=[^>]|;)",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MutableStatic();
}

using Serilog.Events;
using Serilog.Parsing;

namespace PromHost.Server.Tests;

public sealed class LogfmtFormatterTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Format_WritesOneLine_WhateverIsInIt()
    {
        Format(LogEventLevel.Information, null, json: false).Should()
            .Be("time=2026-01-02T03:04:05.000Z level=INFO component=Thing msg=\"It is \\\"so\\\"\\nand so\"\n");
    }

    [Fact]
    public void Format_LeavesTheCodeOut_OfWarnings()
    {
        var thrown = Thrown();

        Format(LogEventLevel.Warning, thrown, json: false).Should().EndWith(" err=broken\n");
        Format(LogEventLevel.Error, thrown, json: false).Should().Contain(nameof(Thrown))
            .And.Contain("InvalidOperationException");
    }

    [Fact]
    public void Format_WritesValidJson()
    {
        var line = Format(LogEventLevel.Fatal, Thrown(), json: true);

        var json = System.Text.Json.Nodes.JsonNode.Parse(line)!;
        json["level"]!.GetValue<string>().Should().Be("ERROR");
        json["msg"]!.GetValue<string>().Should().Be("It is \"so\"\nand so");
        json["err"]!.GetValue<string>().Should().Contain("broken");
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("broken");
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private static string Format(LogEventLevel level, Exception? exception, bool json)
    {
        var template = new MessageTemplateParser().Parse("It is {How}");
        var logEvent = new LogEvent(Time, level, exception, template,
        [
            new LogEventProperty("How", new ScalarValue("\"so\"\nand so")),
            new LogEventProperty("SourceContext", new ScalarValue("PromHost.Server.Thing")),
        ]);
        using var output = new StringWriter { NewLine = "\n" };
        new LogfmtFormatter(json).Format(logEvent, output);
        return output.ToString();
    }
}

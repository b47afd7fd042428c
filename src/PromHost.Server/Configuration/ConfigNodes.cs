using System.Globalization;
using PromHost.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PromHost.Server;

/// <summary>Reads YAML nodes as Prometheus's values; what is wrong is an error that names its line.</summary>
internal static class ConfigNodes
{
    /// <summary>The entries of a mapping, none of them twice or unknown.</summary>
    /// <param name="node">The mapping.</param>
    /// <param name="known">The keys there are.</param>
    /// <param name="type">What Prometheus calls the section in errors.</param>
    public static IEnumerable<(string Key, YamlNode Value)> Entries(
        YamlMappingNode node, string[] known, string type)
    {
        foreach (var (keyNode, value) in node.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (!known.Contains(key, StringComparer.Ordinal))
                throw new ConfigException($"line {keyNode.Start.Line}: field {key} not found in type {type}");
            yield return (key, value);
        }
    }

    /// <summary>A mapping; nothing at all is an empty one.</summary>
    public static YamlMappingNode Mapping(YamlNode node, string what) => node switch
    {
        YamlMappingNode mapping => mapping,
        YamlScalarNode scalar when IsNull(scalar) => [],
        _ => throw new ConfigException($"line {node.Start.Line}: {what} must be a mapping of keys to values"),
    };

    /// <summary>Is nothing given?</summary>
    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Value: null or "" or "null" or "~" } scalar &&
        scalar.Style is ScalarStyle.Plain or ScalarStyle.Any;

    /// <summary>A duration such as <c>15d</c>.</summary>
    public static TimeSpan Duration(YamlNode node)
    {
        if (!PrometheusDuration.TryParse(Text(node), out var ms, out var error)) throw Wrong(node, error);
        return TimeSpan.FromMilliseconds(ms);
    }

    /// <summary>A size such as <c>512MB</c>, in bytes.</summary>
    public static long Size(YamlNode node)
    {
        if (!Base2Bytes.TryParse(Text(node), out var bytes, out var error)) throw Wrong(node, error);
        return bytes;
    }

    /// <summary>A number.</summary>
    public static double Number(YamlNode node)
    {
        const NumberStyles Styles = NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite |
            NumberStyles.AllowTrailingWhite);
        if (node is YamlScalarNode { Style: ScalarStyle.Plain } &&
            double.TryParse(Text(node), Styles, CultureInfo.InvariantCulture, out var number))
            return number;
        throw CannotBe(node, "float64");
    }

    /// <summary>A whole number.</summary>
    public static long Integer(YamlNode node)
    {
        if (node is YamlScalarNode { Style: ScalarStyle.Plain } &&
            long.TryParse(Text(node), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        throw CannotBe(node, "int64");
    }

    /// <summary>A text.</summary>
    public static string Text(YamlNode node) => (node as YamlScalarNode)?.Value ?? "";

    /// <summary>An error at a node.</summary>
    public static ConfigException Wrong(YamlNode node, string? what) => new($"line {node.Start.Line}: {what}");

    private static ConfigException CannotBe(YamlNode node, string type) => node switch
    {
        YamlScalarNode => Wrong(node, $"cannot unmarshal !!str `{Text(node)}` into {type}"),
        YamlSequenceNode => Wrong(node, $"cannot unmarshal !!seq into {type}"),
        _ => Wrong(node, $"cannot unmarshal !!map into {type}"),
    };
}

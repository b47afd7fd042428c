using System.CommandLine;
using System.Globalization;
using PromHost.Model;

namespace PromHost.Server;

/// <summary>Flags by the kind of their value, each with its check.</summary>
internal static class FlagKinds
{
    /// <summary>A duration such as <c>15d</c>.</summary>
    public static Option<string> Duration(string name, string value, string description, bool allowsZero = false)
    {
        var option = Make(name, value, description, "DURATION");
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (!PrometheusDuration.TryParse(text, out var ms, out var error)) result.AddError($"{name}: {error}");
            else if (ms <= 0 && !allowsZero) result.AddError($"{name}: must be greater than 0");
        });
        return option;
    }

    /// <summary>A size such as <c>512MB</c>.</summary>
    public static Option<string> Size(string name, string value, string description)
    {
        var option = Make(name, value, description, "BYTES");
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>() ?? "";
            if (!Base2Bytes.TryParse(text, out var bytes, out var error)) result.AddError($"{name}: {error}");
            else if (bytes < 0) result.AddError($"{name}: must not be negative");
        });
        return option;
    }

    /// <summary>A part of the memory: a size such as <c>512MB</c>, or a share such as <c>25%</c>.</summary>
    public static Option<string> Memory(string name, string value, string description)
    {
        var option = Make(name, value, description, "BYTES|PERCENT");
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>() ?? "";
            if (ParseMemory(text, 1L << 40) > 0) return;
            result.AddError($"{name}: must be a size such as 512MB or a share such as 25%, got {GoText.Quote(text)}");
        });
        return option;
    }

    /// <summary>A number above 0.</summary>
    public static Option<int> Number(string name, int value, string description)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() <= 0) result.AddError($"{name}: must be greater than 0");
        });
        return option;
    }

    /// <summary>One of some words.</summary>
    public static Option<string> Choice(string name, string value, string[] allowed, string description)
    {
        var option = Make(name, value, description, "WORD");
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>() ?? "";
            if (allowed.Contains(text, StringComparer.Ordinal)) return;
            result.AddError($"{name}: must be one of {string.Join(", ", allowed)}, got {GoText.Quote(text)}");
        });
        return option;
    }

    /// <summary>On or off.</summary>
    public static Option<bool> Switch(string name, bool value, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
    };

    /// <summary>A value of <see cref="Duration"/>, which was checked before.</summary>
    public static TimeSpan ParseDuration(string text) =>
        PrometheusDuration.TryParse(text, out var ms, out _) ? TimeSpan.FromMilliseconds(ms) : default;

    /// <summary>A value of <see cref="Size"/>, which was checked before.</summary>
    public static long ParseSize(string text) => Base2Bytes.TryParse(text, out var bytes, out _) ? bytes : 0;

    /// <summary>A value of <see cref="Memory"/> in bytes; 0 when it is none.</summary>
    /// <param name="text">The value.</param>
    /// <param name="allBytes">What shares are of.</param>
    public static long ParseMemory(string text, long allBytes)
    {
        if (!text.EndsWith('%')) return ParseSize(text);
        return double.TryParse(text.AsSpan()[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var percent) && percent is > 0 and <= 100
            ? Math.Max(1, (long)(allBytes / 100.0 * percent))
            : 0;
    }

    /// <summary>How a switch is shown.</summary>
    public static string Text(bool value) => value ? "true" : "false";

    private static Option<string> Make(string name, string value, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => value,
    };
}

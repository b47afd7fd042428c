using System.Buffers;
using System.Text;

namespace PromHost.Model;

/// <summary>Fills templates such as <c>${1}-$name</c>, as Go's Regexp.Expand does.</summary>
internal static class CaptureTemplate
{
    private const int MaxNumber = 100_000_000;

    /// <summary>Writes a template with its references replaced.</summary>
    /// <param name="template">The template.</param>
    /// <param name="names">Names by group number.</param>
    /// <param name="utf8">The text that was matched.</param>
    /// <param name="offsets">Begin and end by group number, -1 where unset.</param>
    /// <param name="output">Receives UTF-8.</param>
    public static void Expand(
        ReadOnlySpan<char> template,
        IReadOnlyList<string?> names,
        ReadOnlySpan<byte> utf8,
        ReadOnlySpan<int> offsets,
        IBufferWriter<byte> output)
    {
        while (true)
        {
            int dollar = template.IndexOf('$');
            if (dollar < 0)
                break;
            Encoding.UTF8.GetBytes(template[..dollar], output);
            template = template[(dollar + 1)..];
            if (template.StartsWith('$'))
            {
                output.Write("$"u8);
                template = template[1..];
                continue;
            }

            int length = ReadReference(template, out ReadOnlySpan<char> name);
            if (length == 0)
            {
                output.Write("$"u8);
                continue;
            }

            template = template[length..];
            int group = FindGroup(name, names, offsets);
            if (group >= 0)
                output.Write(utf8[offsets[2 * group]..offsets[(2 * group) + 1]]);
        }

        Encoding.UTF8.GetBytes(template, output);
    }

    /// <summary>Reads <c>name</c> or <c>{name}</c>.</summary>
    /// <returns>Its length, 0 when it is neither.</returns>
    private static int ReadReference(ReadOnlySpan<char> text, out ReadOnlySpan<char> name)
    {
        int start = text.StartsWith('{') ? 1 : 0;
        int end = start;
        while (Rune.DecodeFromUtf16(text[end..], out Rune rune, out int width) == OperationStatus.Done
            && (Rune.IsLetter(rune) || Rune.IsDigit(rune) || rune.Value == '_'))
            end += width;
        name = text[start..end];
        if (name.Length == 0)
            return 0;
        if (start == 0)
            return end;
        return text[end..].StartsWith('}') ? end + 1 : 0;
    }

    /// <summary>The group meant, or -1 when there is none or it is unset.</summary>
    private static int FindGroup(
        ReadOnlySpan<char> name,
        IReadOnlyList<string?> names,
        ReadOnlySpan<int> offsets)
    {
        int number = ParseNumber(name);
        if (number >= 0)
            return number < names.Count && offsets[2 * number] >= 0 ? number : -1;
        for (int group = 1; group < names.Count; group++)
        {
            if (names[group] is { } own && name.SequenceEqual(own) && offsets[2 * group] >= 0)
                return group;
        }

        return -1;
    }

    /// <summary>Reads a number without leading zeros; -1 when it is none and therefore a name.</summary>
    private static int ParseNumber(ReadOnlySpan<char> name)
    {
        if (name[0] == '0' && name.Length > 1)
            return -1;
        int number = 0;
        foreach (char c in name)
        {
            if (!char.IsAsciiDigit(c) || number >= MaxNumber)
                return -1;
            number = (number * 10) + (c - '0');
        }

        return number;
    }
}

namespace PromHost.Conformance.Tests;

/// <summary>The trimmed lines of a script; those of comments are empty. Hands them out one after the other.</summary>
internal sealed class ScriptLines
{
    private readonly string[] _lines;

    /// <summary>Splits a script.</summary>
    public ScriptLines(string script) =>
        _lines = [.. script.Split('\n').Select(static line => line.Trim())
            .Select(static line => line.StartsWith('#') ? "" : line)];

    /// <summary>The number of the line handed out last, from 1; 0 at the start.</summary>
    public int Number { get; private set; }

    /// <summary>Hands out the next line that is not empty.</summary>
    /// <param name="line">The line.</param>
    /// <returns>False at the end.</returns>
    public bool TryReadCommand(out string line)
    {
        while (Number < _lines.Length)
        {
            line = _lines[Number++];
            if (line.Length > 0) return true;
        }

        line = "";
        return false;
    }

    /// <summary>Hands out the next line of the same command; an empty one and the end of the script end it.</summary>
    /// <param name="line">The line.</param>
    public bool TryReadDetail(out string line)
    {
        line = Number < _lines.Length ? _lines[Number] : "";
        if (line.Length == 0) return false;
        Number++;
        return true;
    }
}

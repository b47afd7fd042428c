using System.Text;

namespace PromHost.Server;

/// <summary>Lines whose columns stand below each other.</summary>
/// <param name="header">The names of the columns.</param>
/// <param name="isNumber">Which columns stand at their right edge, as many.</param>
internal sealed class TextTable(IReadOnlyList<string> header, IReadOnlyList<bool> isNumber)
{
    private const string Gap = "  ";

    private readonly List<(IReadOnlyList<string> Cells, IReadOnlyList<string> Remarks)> _rows = [(header, [])];
    private readonly int[] _widths = [.. header.Select(name => name.Length)];

    /// <summary>Adds a line.</summary>
    /// <param name="cells">As many as there are columns.</param>
    /// <param name="remarks">Lines below it that have no columns.</param>
    public void Add(IReadOnlyList<string> cells, params IReadOnlyList<string> remarks)
    {
        for (var column = 0; column < _widths.Length; column++)
            _widths[column] = Math.Max(_widths[column], cells[column].Length);
        _rows.Add((cells, remarks));
    }

    /// <summary>Writes all of them.</summary>
    public void Write(TextWriter output)
    {
        var line = new StringBuilder();
        foreach (var (cells, remarks) in _rows)
        {
            line.Clear();
            for (var column = 0; column < _widths.Length; column++)
            {
                if (column > 0) line.Append(Gap);
                var width = _widths[column];
                line.Append(isNumber[column] ? cells[column].PadLeft(width) : cells[column].PadRight(width));
            }

            var length = line.Length;
            while (length > 0 && line[length - 1] == ' ') length--;
            line.Length = length;
            output.Write(line.Append('\n'));
            foreach (var remark in remarks) output.Write(remark + "\n");
        }
    }
}

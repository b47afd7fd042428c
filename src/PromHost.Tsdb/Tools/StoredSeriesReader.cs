using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>A series of a <see cref="ReadOnlyDatabase"/> while it is shown.</summary>
public readonly struct StoredSeriesReader
{
    private readonly SeriesSet _set;
    private readonly SeriesEntry _entry;
    private readonly IReadOnlyList<TimeInterval> _windows;

    internal StoredSeriesReader(SeriesSet set, in SeriesEntry entry, IReadOnlyList<TimeInterval> windows)
    {
        _set = set;
        _entry = entry;
        _windows = windows;
    }

    /// <summary>Its labels.</summary>
    public Labels Labels => _entry.Labels;

    /// <summary>The number of pieces that its samples are read in.</summary>
    public int PieceCount => _windows.Count;

    /// <summary>Reads a piece of its samples; the pieces are ascending by time.</summary>
    /// <param name="piece">0 to <see cref="PieceCount"/>, exclusive.</param>
    /// <param name="columns">Cleared and filled.</param>
    /// <exception cref="StorageReadException">Stored data are damaged.</exception>
    public void Read(int piece, SampleColumns columns)
    {
        columns.Clear();
        _set.ReadSamples(_entry, _windows[piece].MinTimeMs, _windows[piece].MaxTimeMs, columns);
    }
}

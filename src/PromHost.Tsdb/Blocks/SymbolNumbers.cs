// Hot path: the index writer looks up labels of every series.
using System.Numerics;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The numbers of the symbols of an index that is being written: a hash table over the symbol table as it lies in the
/// file, about 12 bytes per symbol. For one thread.
/// </summary>
internal sealed class SymbolNumbers : IDisposable
{
    private const int PauseEvery = 4096;

    private readonly MappedFile _map;
    private readonly long _start;
    private readonly SeededHash _hash = new();

    // Where each symbol's length begins, from the first one on.
    private readonly NativeArray<uint> _offsets;

    // Open addressing, linear probing; the number plus one, 0 for a free place.
    private readonly NativeArray<uint> _places;

    /// <summary>Makes room for the table.</summary>
    /// <param name="map">The file; the table takes ownership.</param>
    /// <param name="startBytes">Where the first symbol's length begins.</param>
    /// <param name="count">Symbols.</param>
    public SymbolNumbers(MappedFile map, long startBytes, int count)
    {
        _map = map;
        _start = startBytes;
        _offsets = new NativeArray<uint>(count);
        var places = BitOperations.RoundUpToPowerOf2(((ulong)count * 4 / 3) + 1);
        _places = new NativeArray<uint>((int)Math.Min(places, 1u << 30));
    }

    /// <summary>Reads the symbols; nothing is found before.</summary>
    /// <param name="pause">Called every few thousand symbols; what it throws ends it.</param>
    public void Fill(Action pause)
    {
        var offset = 0L;
        for (var number = 0; number < _offsets.Length; number++)
        {
            _offsets[number] = (uint)offset;
            var symbol = Read(offset, out var sizeBytes);
            offset += sizeBytes;
            var place = PlaceOf(symbol);
            while (_places[place] != 0) place = (place + 1) & (_places.Length - 1);
            _places[place] = (uint)number + 1;
            if (number % PauseEvery == PauseEvery - 1) pause();
        }
    }

    /// <summary>A symbol by its number; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> this[uint number] => Read(_offsets[(int)number], out _);

    /// <summary>Finds a symbol's number.</summary>
    public bool TryFind(ReadOnlySpan<byte> symbol, out uint number)
    {
        var place = PlaceOf(symbol);
        while (_places[place] is var taken and not 0)
        {
            number = taken - 1;
            if (this[number].SequenceEqual(symbol)) return true;
            place = (place + 1) & (_places.Length - 1);
        }

        number = 0;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _map.Dispose();
        _offsets.Dispose();
        _places.Dispose();
    }

    private int PlaceOf(ReadOnlySpan<byte> symbol) => (int)_hash.Hash(symbol) & (_places.Length - 1);

    private ReadOnlySpan<byte> Read(long offset, out int sizeBytes)
    {
        var from = _start + offset;
        var reader = new ByteReader(_map.Slice(from, (int)Math.Min(_map.LengthBytes - from, int.MaxValue)));
        // The bytes were written just now; only a file that somebody else changed gives false.
        if (!reader.TryReadUvarintBytes(out var symbol))
            throw new CorruptDataException("the symbol table changed while it was written");
        sizeBytes = reader.Position;
        return symbol;
    }
}

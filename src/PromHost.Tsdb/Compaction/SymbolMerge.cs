namespace PromHost.Tsdb;

/// <summary>Merges ascending sequences of symbols.</summary>
internal static class SymbolMerge
{
    private static readonly Comparer<ReadOnlyMemory<byte>> ByBytes =
        Comparer<ReadOnlyMemory<byte>>.Create((left, right) => left.Span.SequenceCompareTo(right.Span));

    /// <summary>Gives the symbols of all sequences, ascending, each once; reads them as it goes.</summary>
    /// <param name="sequences">Each ascending by bytes; a symbol is valid until its sequence moves on.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Merge(IReadOnlyList<IEnumerable<ReadOnlyMemory<byte>>> sequences)
    {
        var enumerators = new List<IEnumerator<ReadOnlyMemory<byte>>>(sequences.Count);
        try
        {
            var queue = new PriorityQueue<IEnumerator<ReadOnlyMemory<byte>>, ReadOnlyMemory<byte>>(ByBytes);
            foreach (var sequence in sequences)
            {
                enumerators.Add(sequence.GetEnumerator());
                if (enumerators[^1].MoveNext()) queue.Enqueue(enumerators[^1], enumerators[^1].Current);
            }

            var equal = new List<IEnumerator<ReadOnlyMemory<byte>>>();
            while (queue.TryDequeue(out var next, out var symbol))
            {
                equal.Add(next);
                while (queue.TryPeek(out next, out var other) && symbol.Span.SequenceEqual(other.Span))
                    equal.Add(queue.Dequeue());
                yield return symbol;
                foreach (var enumerator in equal)
                {
                    if (enumerator.MoveNext()) queue.Enqueue(enumerator, enumerator.Current);
                }

                equal.Clear();
            }
        }
        finally
        {
            foreach (var enumerator in enumerators) enumerator.Dispose();
        }
    }
}

using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// An expression of a query that operators evaluate: what it is, and what it holds in memory. The nodes of a query are
/// a tree, the shape of its plan.
/// </summary>
/// <remarks>Bytes are counted by any thread of the query; the rest belongs to the query's own.</remarks>
/// <param name="expression">The expression.</param>
internal sealed class PlanNode(Expression expression)
{
    private readonly List<PlanNode> _children = [];
    private long _heldBytes;
    private long _peakBytes;
    private long _heldSamples;
    private long _readSamples;

    /// <summary>The expression.</summary>
    public Expression Expression { get; } = expression;

    /// <summary>What it is made of, in the order in which it was planned.</summary>
    public IReadOnlyList<PlanNode> Children => _children;

    /// <summary>Bytes held now by its own operators, without those of its children.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Most bytes held at once.</summary>
    public long PeakBytes => Interlocked.Read(ref _peakBytes);

    /// <summary>Samples held now by its own operators.</summary>
    public long HeldSamples => Interlocked.Read(ref _heldSamples);

    /// <summary>What the storage tells of the selection that it made for it; null without one.</summary>
    public ReadWatch? Watch { get; set; }

    /// <summary>What is written down of it when the query is explained; null when it is not.</summary>
    public NodeMeasure? Measure { get; init; }

    /// <summary>Samples that it has read from the storage, each once.</summary>
    public long ReadSamples => Interlocked.Read(ref _readSamples);

    /// <summary>Adds a part of it.</summary>
    public PlanNode Add(Expression part)
    {
        var child = new PlanNode(part) { Measure = Measure is null ? null : new NodeMeasure() };
        _children.Add(child);
        return child;
    }

    /// <summary>Counts bytes that are held from now on, or for a negative number let go.</summary>
    public void Hold(long bytes)
    {
        var held = Interlocked.Add(ref _heldBytes, bytes);
        if (held > Interlocked.Read(ref _peakBytes)) Interlocked.Exchange(ref _peakBytes, held);
    }

    /// <summary>Counts samples that are held from now on, or for a negative number let go.</summary>
    /// <returns>How many are held then.</returns>
    public long HoldSamples(long count) => Interlocked.Add(ref _heldSamples, count);

    /// <summary>Counts samples that were read.</summary>
    public void CountRead(long count) => Interlocked.Add(ref _readSamples, count);

    /// <summary>The node that holds the most, of this one and all below it.</summary>
    public PlanNode FindLargest()
    {
        var largest = this;
        foreach (var child in _children)
        {
            var candidate = child.FindLargest();
            if (candidate.HeldBytes > largest.HeldBytes) largest = candidate;
        }

        return largest;
    }
}

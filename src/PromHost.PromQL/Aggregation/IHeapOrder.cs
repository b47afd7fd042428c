// Hot path: compares every value of topk and bottomk.
namespace PromHost.PromQL;

/// <summary>The order of a heap: which value is to be thrown out first.</summary>
internal interface IHeapOrder
{
    /// <summary>Does the first value stand before the second? NaN stands before everything, NaN included.</summary>
    static abstract bool Less(double first, double second);
}

/// <summary>The smallest on top: for <c>topk</c>.</summary>
internal readonly struct SmallestFirst : IHeapOrder
{
    public static bool Less(double first, double second) => double.IsNaN(first) || first < second;
}

/// <summary>The largest on top: for <c>bottomk</c>.</summary>
internal readonly struct LargestFirst : IHeapOrder
{
    public static bool Less(double first, double second) => double.IsNaN(first) || first > second;
}

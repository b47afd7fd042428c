namespace PromHost.PromQL;

/// <summary>A row that a join emits.</summary>
/// <param name="Many">The series of the "many" side, or <see cref="NoSeries"/> where a fill value stands in.</param>
/// <param name="Group">The match group.</param>
/// <param name="Class">
/// Which series of the "one" side it is for, by their included labels; <see cref="AnyClass"/> for all of the group.
/// </param>
/// <param name="Output">The number of the row's labels.</param>
/// <param name="IsFill">Is it for steps at which one side is missing only?</param>
internal readonly record struct JoinEntry(int Many, int Group, int Class, int Output, bool IsFill)
{
    /// <summary>There is no series of the "many" side.</summary>
    public const int NoSeries = -1;

    /// <summary>Every series of the "one" side.</summary>
    public const int AnyClass = -1;

    /// <summary>There is nothing to compare with.</summary>
    public const int NoSlot = -1;

    /// <summary>Rows of one slot must not have points at the same step; <see cref="NoSlot"/> for a row alone.</summary>
    public int Slot { get; init; } = NoSlot;
}

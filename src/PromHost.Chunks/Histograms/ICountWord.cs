namespace PromHost.Chunks;

/// <summary>How the words of a <see cref="RawHistogram"/> compare.</summary>
internal interface ICountWord
{
    /// <summary>Is the first count smaller? Never, where one is no number.</summary>
    static abstract bool IsLess(ulong left, ulong right);

    /// <summary>Is nothing counted?</summary>
    static abstract bool IsZero(ulong word);
}

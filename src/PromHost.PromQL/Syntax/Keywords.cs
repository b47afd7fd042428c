namespace PromHost.PromQL;

/// <summary>The words with a meaning of their own; case does not matter.</summary>
internal static class Keywords
{
    private const int LongestWord = 18;

    private static readonly Dictionary<string, TokenKind> s_words = new(StringComparer.Ordinal)
    {
        ["and"] = TokenKind.And,
        ["or"] = TokenKind.Or,
        ["unless"] = TokenKind.Unless,
        ["atan2"] = TokenKind.Atan2,
        ["sum"] = TokenKind.Sum,
        ["avg"] = TokenKind.Avg,
        ["count"] = TokenKind.Count,
        ["min"] = TokenKind.Min,
        ["max"] = TokenKind.Max,
        ["group"] = TokenKind.Group,
        ["stddev"] = TokenKind.StdDev,
        ["stdvar"] = TokenKind.StdVar,
        ["topk"] = TokenKind.TopK,
        ["bottomk"] = TokenKind.BottomK,
        ["count_values"] = TokenKind.CountValues,
        ["quantile"] = TokenKind.Quantile,
        ["limitk"] = TokenKind.LimitK,
        ["limit_ratio"] = TokenKind.LimitRatio,
        ["offset"] = TokenKind.Offset,
        ["smoothed"] = TokenKind.Smoothed,
        ["anchored"] = TokenKind.Anchored,
        ["by"] = TokenKind.By,
        ["without"] = TokenKind.Without,
        ["on"] = TokenKind.On,
        ["ignoring"] = TokenKind.Ignoring,
        ["group_left"] = TokenKind.GroupLeft,
        ["group_right"] = TokenKind.GroupRight,
        ["fill"] = TokenKind.Fill,
        ["fill_left"] = TokenKind.FillLeft,
        ["fill_right"] = TokenKind.FillRight,
        ["bool"] = TokenKind.Bool,
        ["start"] = TokenKind.Start,
        ["end"] = TokenKind.EndAnchor,
        ["step"] = TokenKind.Step,
        ["range"] = TokenKind.Range,
        ["max_of"] = TokenKind.MaxOf,
        ["min_of"] = TokenKind.MinOf,
        ["inf"] = TokenKind.Number,
        ["nan"] = TokenKind.Number,
    };

    private static readonly Dictionary<string, TokenKind> s_histogramWords = new(StringComparer.Ordinal)
    {
        ["sum"] = TokenKind.SumDescriptor,
        ["count"] = TokenKind.CountDescriptor,
        ["schema"] = TokenKind.SchemaDescriptor,
        ["offset"] = TokenKind.OffsetDescriptor,
        ["n_offset"] = TokenKind.NegativeOffsetDescriptor,
        ["buckets"] = TokenKind.BucketsDescriptor,
        ["n_buckets"] = TokenKind.NegativeBucketsDescriptor,
        ["z_bucket"] = TokenKind.ZeroBucketDescriptor,
        ["z_bucket_w"] = TokenKind.ZeroBucketWidthDescriptor,
        ["custom_values"] = TokenKind.CustomValuesDescriptor,
        ["counter_reset_hint"] = TokenKind.CounterResetHintDescriptor,
        ["unknown"] = TokenKind.UnknownResetHint,
        ["reset"] = TokenKind.ResetHint,
        ["not_reset"] = TokenKind.NotResetHint,
        ["gauge"] = TokenKind.GaugeHint,
    };

    /// <summary>The token that a word of an expression stands for, or null for an ordinary name.</summary>
    public static TokenKind? Find(ReadOnlySpan<byte> word) => Find(s_words, word);

    /// <summary>The token that a word of a histogram in script notation stands for, or null.</summary>
    public static TokenKind? FindInHistogram(ReadOnlySpan<byte> word) => Find(s_histogramWords, word);

    private static TokenKind? Find(Dictionary<string, TokenKind> words, ReadOnlySpan<byte> word)
    {
        if (word.Length > LongestWord) return null;
        Span<char> lower = stackalloc char[LongestWord];
        for (var i = 0; i < word.Length; i++) lower[i] = char.ToLowerInvariant((char)word[i]);
        return words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(lower[..word.Length], out var kind)
            ? kind
            : null;
    }
}

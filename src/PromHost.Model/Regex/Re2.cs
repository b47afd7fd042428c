// Hot path: IsMatch runs once per label value, TryMatchCaptures once per series.
using System.Buffers;
using System.Text;

namespace PromHost.Model;

/// <summary>
/// A compiled RE2 pattern: the only engine that user patterns meet. The syntax is that of Go's regexp package, matching
/// is over UTF-8 and linear in the input (an invalid byte reads as U+FFFD of width one, as in Go). Instances are
/// immutable to their users and safe for any number of threads.
/// </summary>
public sealed class Re2
{
    private const int MaxStackBytes = 512;
    private const int LeastSetLimit = 256;

    private readonly string?[] _captureNames;
    private readonly RegexShape _shape;
    private readonly Utf8Matcher _matcher;
    private readonly Lazy<CaptureMatcher> _captures;

    private Re2(string pattern, string whole, RegexNode root, string?[] captureNames)
    {
        RegexCompiler.CheckSize(root, whole);
        Pattern = pattern;
        _captureNames = captureNames;
        _shape = RegexShape.Of(root);

        // A pattern that lists its strings may list any number; only what multiplies is held short.
        int setLimit = Math.Max(LeastSetLimit, pattern.Length);
        if (!_shape.IsOpenBegin && !_shape.IsOpenEnd)
            SetMatches = FiniteLanguage.TryList(_shape.Parts, setLimit);
        _matcher = SetMatches is not null
            ? new StringSetMatcher(SetMatches)
            : GlobMatcher.TryCreate(_shape) ?? (Utf8Matcher)new AutomatonMatcher(_shape);
        string prefix = _shape.GetPrefix();
        LiteralPrefix = prefix.Length > 0 ? prefix : null;
        MatchesEmpty = _matcher.IsMatch([]);
        _captures = new Lazy<CaptureMatcher>(() => new CaptureMatcher(root, 2 * captureNames.Length, _matcher));
    }

    /// <summary>Compiles a pattern as written, with search semantics.</summary>
    /// <exception cref="Re2SyntaxException">The pattern is not RE2.</exception>
    public static Re2 Compile(string pattern)
    {
        (RegexNode root, string?[] names) = RegexParser.Parse(pattern, RegexFlags.None);
        return new Re2(pattern, pattern, root, names);
    }

    /// <summary>
    /// Compiles a label matcher's pattern: it must match the whole value and <c>.</c> takes newlines. Errors quote the
    /// pattern as the user wrote it.
    /// </summary>
    /// <exception cref="Re2SyntaxException">The pattern is not RE2.</exception>
    public static Re2 CompileAnchored(string pattern)
    {
        (RegexNode root, string?[] names) = RegexParser.Parse(pattern, RegexFlags.DotNewline);
        RegexNode framed = RegexNode.Concat(
            [RegexNode.Assertion(RegexOp.BeginText), root, RegexNode.Assertion(RegexOp.EndText)]);
        return new Re2(pattern, pattern, framed, names);
    }

    /// <summary>
    /// Compiles <c>^(?s:pattern)$</c> as one text, as relabeling and label_replace do: errors quote that whole text.
    /// <see cref="Pattern"/> is the pattern without the frame.
    /// </summary>
    /// <exception cref="Re2SyntaxException">The framed pattern is not RE2.</exception>
    public static Re2 CompileFramed(string pattern)
    {
        string whole = $"^(?s:{pattern})$";
        (RegexNode root, string?[] names) = RegexParser.Parse(whole, RegexFlags.None);
        return new Re2(pattern, whole, root, names);
    }

    /// <summary>The pattern as the user wrote it.</summary>
    public string Pattern { get; }

    /// <summary>
    /// Every string the pattern matches, when it matches whole values only and they are few and case-sensitive
    /// (in no particular order, no duplicates); null otherwise.
    /// </summary>
    public IReadOnlyList<string>? SetMatches { get; }

    /// <summary>A case-sensitive prefix of every string the pattern matches, or null when none is known.</summary>
    public string? LiteralPrefix { get; }

    /// <summary>Whether the empty string matches.</summary>
    public bool MatchesEmpty { get; }

    /// <summary>Whether every string is known to match, as for <c>.*</c>.</summary>
    public bool MatchesAnything => _shape.IsAnything;

    /// <summary>Whether every string but the empty one is known to match, as for <c>.+</c> and <c>.*</c>.</summary>
    public bool MatchesAnyNonEmpty => _shape.IsAnyNonEmpty;

    /// <summary>Number of capture groups, the whole match not counted.</summary>
    public int CaptureCount => _captureNames.Length - 1;

    /// <summary>Names by group number; entry 0 (the whole match) and unnamed groups are null.</summary>
    public IReadOnlyList<string?> CaptureNames => _captureNames;

    /// <summary>Whether the pattern matches the value (or some part of it, when not anchored).</summary>
    public bool IsMatch(ReadOnlySpan<byte> utf8) => _matcher.IsMatch(utf8);

    /// <summary>Whether the pattern matches the value (or some part of it, when not anchored).</summary>
    public bool IsMatch(string value)
    {
        int maxBytes = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (maxBytes <= MaxStackBytes)
        {
            Span<byte> buffer = stackalloc byte[MaxStackBytes];
            return _matcher.IsMatch(buffer[..Encoding.UTF8.GetBytes(value, buffer)]);
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(maxBytes);
        bool matched = _matcher.IsMatch(rented.AsSpan(0, Encoding.UTF8.GetBytes(value, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return matched;
    }

    /// <summary>
    /// Finds the leftmost match, preferring as Go's Find does, and the groups of it.
    /// </summary>
    /// <param name="utf8">The text.</param>
    /// <param name="captureOffsets">
    /// Receives begin and end offsets in bytes by group, group 0 first; -1 where a group took no part. Its length is at
    /// least 2 × (<see cref="CaptureCount"/> + 1).
    /// </param>
    /// <returns>False when nothing matches; the offsets are then undefined.</returns>
    public bool TryMatchCaptures(ReadOnlySpan<byte> utf8, Span<int> captureOffsets) =>
        _captures.Value.TryMatch(utf8, captureOffsets);

    /// <summary>
    /// Replaces <c>$1</c>, <c>${1}</c>, <c>$name</c> and <c>${name}</c> in a template by groups of a match, <c>$$</c>
    /// by a dollar sign; unknown and unset groups give nothing.
    /// </summary>
    /// <param name="template">The template.</param>
    /// <param name="utf8">The text that was matched.</param>
    /// <param name="captureOffsets">What <see cref="TryMatchCaptures"/> filled in.</param>
    /// <param name="output">Receives UTF-8.</param>
    public void Expand(
        string template,
        ReadOnlySpan<byte> utf8,
        ReadOnlySpan<int> captureOffsets,
        IBufferWriter<byte> output) => CaptureTemplate.Expand(template, _captureNames, utf8, captureOffsets, output);

    /// <summary>The same as a string; bytes that are not UTF-8 become U+FFFD.</summary>
    public string Expand(string template, ReadOnlySpan<byte> utf8, ReadOnlySpan<int> captureOffsets)
    {
        ArrayBufferWriter<byte> output = new();
        Expand(template, utf8, captureOffsets, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

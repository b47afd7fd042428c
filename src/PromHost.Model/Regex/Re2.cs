using System.Buffers;

namespace PromHost.Model;

/// <summary>
/// A compiled RE2 pattern: the only engine that user patterns meet. The syntax is that of Go's regexp package, matching
/// is over UTF-8 and linear in the input (an invalid byte reads as U+FFFD of width one, as in Go). Instances are
/// immutable to their users and safe for any number of threads.
/// </summary>
public sealed class Re2
{
    private Re2(string pattern) => Pattern = pattern;

    /// <summary>Compiles a pattern as written, with search semantics.</summary>
    /// <exception cref="Re2SyntaxException">The pattern is not RE2.</exception>
    public static Re2 Compile(string pattern) => new(pattern);

    /// <summary>
    /// Compiles a label matcher's pattern: it must match the whole value and <c>.</c> takes newlines. Errors quote the
    /// pattern as the user wrote it.
    /// </summary>
    /// <exception cref="Re2SyntaxException">The pattern is not RE2.</exception>
    public static Re2 CompileAnchored(string pattern) => new(pattern);

    /// <summary>
    /// Compiles <c>^(?s:pattern)$</c> as one text, as relabeling and label_replace do: errors quote that whole text.
    /// <see cref="Pattern"/> is the pattern without the frame.
    /// </summary>
    /// <exception cref="Re2SyntaxException">The framed pattern is not RE2.</exception>
    public static Re2 CompileFramed(string pattern) => new(pattern);

    /// <summary>The pattern as the user wrote it.</summary>
    public string Pattern { get; }

    /// <summary>
    /// Every string the pattern matches, when it matches whole values only and they are few and case-sensitive
    /// (in no particular order, no duplicates); null otherwise.
    /// </summary>
    public IReadOnlyList<string>? SetMatches => throw new NotSupportedException(Pattern);

    /// <summary>A case-sensitive prefix of every string the pattern matches, or null when none is known.</summary>
    public string? LiteralPrefix => throw new NotSupportedException(Pattern);

    /// <summary>Whether the empty string matches.</summary>
    public bool MatchesEmpty => throw new NotSupportedException(Pattern);

    /// <summary>Whether every string is known to match, as for <c>.*</c>.</summary>
    public bool MatchesAnything => throw new NotSupportedException(Pattern);

    /// <summary>Whether every string but the empty one is known to match, as for <c>.+</c> and <c>.*</c>.</summary>
    public bool MatchesAnyNonEmpty => throw new NotSupportedException(Pattern);

    /// <summary>Number of capture groups, the whole match not counted.</summary>
    public int CaptureCount => throw new NotSupportedException(Pattern);

    /// <summary>Names by group number; entry 0 (the whole match) and unnamed groups are null.</summary>
    public IReadOnlyList<string?> CaptureNames => throw new NotSupportedException(Pattern);

    /// <summary>Whether the pattern matches the value (or some part of it, when not anchored).</summary>
    public bool IsMatch(ReadOnlySpan<byte> utf8) => throw new NotSupportedException(Pattern);

    /// <summary>Whether the pattern matches the value (or some part of it, when not anchored).</summary>
    public bool IsMatch(string value) => throw new NotSupportedException(Pattern);

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
        throw new NotSupportedException(Pattern);

    /// <summary>
    /// Replaces <c>$1</c>, <c>${1}</c>, <c>$name</c> and <c>${name}</c> in a template by groups of a match, <c>$$</c> by
    /// a dollar sign; unknown and unset groups give nothing.
    /// </summary>
    /// <param name="template">The template.</param>
    /// <param name="utf8">The text that was matched.</param>
    /// <param name="captureOffsets">What <see cref="TryMatchCaptures"/> filled in.</param>
    /// <param name="output">Receives UTF-8.</param>
    public void Expand(
        string template,
        ReadOnlySpan<byte> utf8,
        ReadOnlySpan<int> captureOffsets,
        IBufferWriter<byte> output) => throw new NotSupportedException(Pattern);

    /// <summary>The same as a string; bytes that are not UTF-8 become U+FFFD.</summary>
    public string Expand(string template, ReadOnlySpan<byte> utf8, ReadOnlySpan<int> captureOffsets)
    {
        ArrayBufferWriter<byte> output = new();
        Expand(template, utf8, captureOffsets, output);
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

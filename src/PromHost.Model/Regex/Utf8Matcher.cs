// Hot path: IsMatch runs once per label value.
namespace PromHost.Model;

/// <summary>
/// Answers whether a text matches, by whatever is fastest for the pattern. A closed family; instances are safe for any
/// number of threads.
/// </summary>
internal abstract class Utf8Matcher
{
    public abstract bool IsMatch(ReadOnlySpan<byte> utf8);
}

using System.Text;

namespace PromHost.Model.Tests;

public class LazyDfaTests
{
    // Each needs a state for every combination of the last twenty letters: hopeless for a full automaton.
    [Theory]
    [InlineData("[ab]*a[ab]{20}")]
    [InlineData(".*a.{20}")]
    public void IsMatch_StaysWithinItsCache_WhenStatesExplode(string pattern)
    {
        const int CacheWords = 4096;
        RegexProgram program = Compile(pattern);
        LazyDfa dfa = new(program, CacheWords);
        Random random = new(1);
        for (int round = 0; round < 20; round++)
        {
            byte[] text = new byte[500];
            for (int i = 0; i < text.Length; i++)
                text[i] = (byte)('a' + random.Next(2));

            dfa.IsMatch(text).Should().Be(text[^21] == 'a');
            dfa.CachedWords.Should().BeLessThanOrEqualTo(CacheWords);
        }

        dfa.FlushCount.Should().BeGreaterThan(0);
        dfa.IsHopeless.Should().BeTrue();
    }

    [Theory]
    [InlineData("(a*)*b")]
    [InlineData("(a|a)*b")]
    [InlineData("(a?){30}a{30}b")]
    [InlineData("((a+)+)+b")]
    public void IsMatch_NeedsFewStates_WhenPatternIsPathological(string pattern)
    {
        LazyDfa dfa = new(Compile(pattern));

        dfa.IsMatch(Encoding.UTF8.GetBytes(new string('a', 100_000))).Should().BeFalse();

        dfa.StateCount.Should().BeLessThanOrEqualTo(100);
        dfa.FlushCount.Should().Be(0);
    }

    [Fact]
    public void IsMatch_AnswersTheSame_FromManyThreadsWithATinyCache()
    {
        LazyDfa dfa = new(Compile("[ab]*a[ab]{9}"), cacheWords: 300);
        byte[][] texts = new byte[200][];
        Random random = new(2);
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = new byte[60];
            for (int k = 0; k < texts[i].Length; k++)
                texts[i][k] = (byte)('a' + random.Next(2));
        }

        int wrong = 0;

        Parallel.For(0, 16, _ =>
        {
            foreach (byte[] text in texts)
            {
                if (dfa.IsMatch(text) != (text[^10] == 'a'))
                    Interlocked.Increment(ref wrong);
            }
        });

        wrong.Should().Be(0);
    }

    private static RegexProgram Compile(string pattern)
    {
        (RegexNode root, _) = RegexParser.Parse($"^(?s:{pattern})$", RegexFlags.None);
        return RegexCompiler.Compile(root, savesCaptures: false, searches: false);
    }
}

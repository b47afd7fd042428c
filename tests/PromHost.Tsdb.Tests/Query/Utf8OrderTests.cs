using System.Text;

namespace PromHost.Tsdb.Tests;

public sealed class Utf8OrderTests
{
    [Fact]
    public void Compare_OrdersAsTheBytes_ForAllKindsOfCharacters()
    {
        string[] parts = ["", "a", "b", "ä", "\u07FF", "\u0800", "\uD7FF", "\uE000", "\uFFFF", "😀", "\U0010FFFF"];
        var texts = parts.SelectMany(first => parts.Select(second => first + second)).ToList();
        foreach (var x in texts)
        {
            foreach (var y in texts)
            {
                var expected = Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));
                Math.Sign(Utf8Order.Instance.Compare(x, y)).Should().Be(Math.Sign(expected), "{0} and {1}", x, y);
            }
        }
    }
}

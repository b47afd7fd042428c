using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using PromHost.PromQL;

namespace PromHost.Api.Tests;

public sealed class PieceSequenceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task SendAsync_SendsPiecesInOrder_WhoeverWritesThem(int workers)
    {
        using var engine = Engine(workers);
        for (var round = 0; round < 50; round++)
        {
            var count = round * 7;
            var begun = 0;
            var text = await SendAsync(engine, () =>
            {
                if (begun == count) return null;
                var piece = begun++;
                return buffer => Put(buffer, piece);
            });
            text.Should().Be(string.Concat(Enumerable.Range(0, count).Select(Text)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task SendAsync_Fails_WhenAPieceDoes(int workers)
    {
        using var engine = Engine(workers);
        var begun = 0;
        var send = () => SendAsync(engine, () =>
        {
            var piece = begun++;
            return buffer =>
            {
                if (piece == 20) throw new FormatException("piece 20");
                Put(buffer, piece);
            };
        });
        (await send.Should().ThrowAsync<InvalidOperationException>())
            .WithInnerException<FormatException>().WithMessage("piece 20");
        begun.Should().BeLessThan(20 + 1 + 2 * workers, "nothing is begun after a failure but by those at work");
    }

    private static QueryEngine Engine(int workers) =>
        new(new QueryLimits { Workers = workers }, new QueryFeatures(), TimeProvider.System);

    private static string Text(int piece) => piece.ToString(CultureInfo.InvariantCulture) + ',';

    private static void Put(PieceBuffer buffer, int piece)
    {
        var text = Text(piece);
        buffer.Advance(Encoding.ASCII.GetBytes(text, buffer.GetSpan(text.Length)));
    }

    private static async Task<string> SendAsync(QueryEngine engine, Func<Action<PieceBuffer>?> begin)
    {
        using var stream = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Response.Body = stream;
        await using var body = new ResponseBody(http, ContentCoding.Identity);
        await using (var pieces = new PieceSequence(engine, begin))
            await pieces.SendAsync(body, ApiServer.Token);
        await body.CompleteAsync(ApiServer.Token);
        return Encoding.ASCII.GetString(stream.ToArray());
    }
}

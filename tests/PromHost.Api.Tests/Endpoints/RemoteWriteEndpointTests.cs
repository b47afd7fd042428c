using System.Net;
using System.Net.Http.Headers;
using PromHost.Remote.Tests;
using PromHost.Storage;

namespace PromHost.Api.Tests;

public sealed class RemoteWriteEndpointTests
{
    private static long NowMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Theory]
    [InlineData(null, null, HttpStatusCode.NoContent)]
    [InlineData("application/x-protobuf", "snappy", HttpStatusCode.NoContent)]
    [InlineData("application/x-protobuf;proto=prometheus.WriteRequest", "snappy", HttpStatusCode.NoContent)]
    [InlineData("application/x-protobuf; proto=prometheus.WriteRequest", "", HttpStatusCode.NoContent)]
    [InlineData("application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy",
        HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-protobuf;proto", "snappy", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", "snappy", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-protobuf", "zstd", HttpStatusCode.UnsupportedMediaType)]
    public async Task Handle_JudgesTheHeaders(string? type, string? encoding, HttpStatusCode expected)
    {
        await using var server = await ApiServer.StartAsync();
        using var message = new WriteRequestMessage();
        using var content = new ByteArrayContent(message.Series("__name__=up,job=a", (NowMs, 1)).ToBody());
        if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (!string.IsNullOrEmpty(encoding)) content.Headers.ContentEncoding.Add(encoding);
        using var response = await server.Client.PostAsync("/api/v1/write", content, ApiServer.Token);
        response.StatusCode.Should().Be(expected);
        server.Storage.GetHeadStatus().SeriesCount.Should().Be(expected == HttpStatusCode.NoContent ? 1 : 0);
    }

    [Fact]
    public async Task Handle_AnswersBadRequest_WhenTheBodyIsGarbage()
    {
        await using var server = await ApiServer.StartAsync();
        var (status, text) = await PostAsync(server, [0xff, 0xff, 0xff, 0xff, 0xff, 1, 2]);
        status.Should().Be(HttpStatusCode.BadRequest);
        text.Should().StartWith("snappy: corrupt input").And.EndWith("\n");
    }

    [Fact]
    public async Task Handle_KeepsTheGoodPart_WhenASampleIsRejected()
    {
        await using var server = await ApiServer.StartAsync();
        using var message = new WriteRequestMessage();
        message.Series("__name__=good", (NowMs, 1)).Series("__name__=bad", (NowMs, -1));
        var (status, text) = await PostAsync(server, message.ToBody());
        status.Should().Be(HttpStatusCode.BadRequest);
        text.Should().Contain("bad");
        server.Storage.GetHeadStatus().SeriesCount.Should().Be(1);
    }

    [Fact]
    public async Task Handle_AsksForARepetition_WhenTheStorageTakesNoWrites()
    {
        await using var server = await ApiServer.StartAsync();
        server.Storage.WriteFailure = new StorageUnavailableException("the disk is full", TimeSpan.FromSeconds(2.5));
        using var message = new WriteRequestMessage();
        using var content = new ByteArrayContent(message.Series("__name__=up", (NowMs, 1)).ToBody());
        using var response = await server.Client.PostAsync("/api/v1/write", content, ApiServer.Token);
        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(3));
        (await response.Content.ReadAsStringAsync(ApiServer.Token)).Should().Be("the disk is full\n");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Handle_AnswersBadRequest_WhenTheBodyIsTooLarge(bool chunked)
    {
        await using var server = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/write");
        request.Content = new ByteArrayContent(new byte[RemoteWriteEndpoint.MaxBodyBytes + 1]);
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await server.Client.SendAsync(request, ApiServer.Token);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(ApiServer.Token)).Should()
            .Be("the request body is larger than 33554432 bytes\n");
    }

    [Fact]
    public async Task Handle_TakesLargeBodies_BelowTheLimit()
    {
        await using var server = await ApiServer.StartAsync();
        using var message = new WriteRequestMessage();
        var value = new string('x', 60000);
        for (var i = 0; i < 200; i++) message.Series($"__name__=m{i},long={value}{i}", (NowMs, i));
        var (status, _) = await PostAsync(server, message.ToBody());
        status.Should().Be(HttpStatusCode.NoContent);
        server.Storage.GetHeadStatus().SeriesCount.Should().Be(200);
    }

    [Fact]
    public async Task Handle_SaysSo_WhenTheReceiverIsOff()
    {
        await using var server = await ApiServer.StartAsync(open: false);
        server.Workspace.Open(ApiServer.ServicesOver(server.Storage, server.Workspace.Meter) with
        {
            RemoteWrite = null,
        });
        var (status, text) = await PostAsync(server, []);
        status.Should().Be(HttpStatusCode.NotFound);
        text.Should().Contain("--web.enable-remote-write-receiver");
    }

    [Fact]
    public async Task Handle_Survives_WhenTheSenderGoesAway()
    {
        await using var server = await ApiServer.StartAsync();
        using (var client = new System.Net.Sockets.TcpClient())
        {
            await client.ConnectAsync(server.Address.Host, server.Address.Port, ApiServer.Token);
            await client.GetStream().WriteAsync(
                "POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"u8.ToArray(),
                ApiServer.Token);
        }

        (await server.GetTextAsync("/-/healthy")).Should().Be("Prometheus Server is Healthy.\n");
    }

    [Fact]
    public async Task Handle_LeavesNoReadOpen_WhenTheSenderGoesAway()
    {
        var errors = new ErrorLog();
        await using (var server = await ApiServer.StartAsync(log: errors))
        {
            for (var i = 0; i < 20; i++)
            {
                using var client = new System.Net.Sockets.TcpClient();
                await client.ConnectAsync(server.Address.Host, server.Address.Port, ApiServer.Token);
                await client.GetStream().WriteAsync(
                    "POST /api/v1/write HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"u8
                        .ToArray(), ApiServer.Token);
                (await client.GetStream().ReadAsync(new byte[100], ApiServer.Token)).Should().BePositive();
            }
        }

        errors.Lines.Should().BeEmpty();
    }

    [Fact]
    public void Kestrel_WaitsForSlowSenders_LongerThanTheyWaitThemselves()
    {
        var options = new Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions();
        ApiKestrelLimits.Apply(options);
        options.Limits.MaxRequestBodySize.Should().BeNull();
        options.Limits.MinRequestBodyDataRate!.GracePeriod.Should().BeGreaterThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Handle_OffersNoOtherMethod()
    {
        await using var server = await ApiServer.StartAsync();
        using var response = await server.Client.GetAsync("/api/v1/write", ApiServer.Token);
        response.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.Should().BeEquivalentTo("OPTIONS", "POST");
    }

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(ApiServer server, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        using var response = await server.Client.PostAsync("/api/v1/write", content, ApiServer.Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(ApiServer.Token));
    }
}

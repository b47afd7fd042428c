using System.Net;

namespace PromHost.Server.Tests;

public class ListenAddressTests
{
    [Theory]
    [InlineData("0.0.0.0:9090", "0.0.0.0", 9090)]
    [InlineData(":9090", "", 9090)]
    [InlineData("[::1]:80", "::1", 80)]
    [InlineData("localhost:0", "localhost", 0)]
    public void TryParse_ReadsHostAndPort(string text, string host, int port)
    {
        ListenAddress.TryParse(text, out var address, out var error).Should().BeTrue(error);
        address.Should().Be(new ListenAddress(host, port));
    }

    [Theory]
    [InlineData("9090")]
    [InlineData("::1:9090")]
    [InlineData("host:")]
    [InlineData("host:-1")]
    public void TryParse_Refuses_WhatIsNoAddress(string text) =>
        ListenAddress.TryParse(text, out _, out _).Should().BeFalse();

    [Fact]
    public void Resolve_IsEveryAddress_WithoutHost() =>
        new ListenAddress("", 1).Resolve().Should().Equal(IPAddress.IPv6Any);
}

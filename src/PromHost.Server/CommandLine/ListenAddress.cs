using System.Globalization;
using System.Net;

namespace PromHost.Server;

/// <summary>A place to listen at.</summary>
/// <param name="Host">An address or a name; empty is every address of the machine.</param>
/// <param name="Port">0 to 65535; 0 takes any free one.</param>
internal readonly record struct ListenAddress(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>, <c>:port</c> or <c>[v6]:port</c>.</summary>
    public static bool TryParse(string text, out ListenAddress address, out string? error)
    {
        address = default;
        var colon = text.LastIndexOf(':');
        error = $"{text} is not of the form host:port";
        if (colon < 0) return false;
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ||
            port > 65535)
        {
            error = $"{text} has no port between 0 and 65535";
            return false;
        }

        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal)) return false;
        address = new ListenAddress(host, port);
        error = null;
        return true;
    }

    /// <summary>The addresses that the host stands for.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The name is unknown.</exception>
    public IReadOnlyList<IPAddress> Resolve()
    {
        if (Host.Length == 0) return [IPAddress.IPv6Any];
        return IPAddress.TryParse(Host, out var address) ? [address] : Dns.GetHostAddresses(Host);
    }
}

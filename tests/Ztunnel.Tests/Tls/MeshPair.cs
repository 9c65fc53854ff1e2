using Ztunnel.OpenSsl;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Tls;

/// <summary>Both ends of a mesh connection after as much of a handshake as they could agree on.</summary>
internal sealed class MeshPair : IDisposable
{
    private readonly TlsPair _pair;

    public MeshPair(MeshSession client, MeshSession server)
    {
        (Client, Server) = (client, server);
        _pair = new TlsPair(client.Session, server.Session);
        (ClientStatus, ServerStatus) = _pair.Handshake();
        if (ClientStatus == TlsStatus.Ok && _pair.Client.Early.Count > 0)
        {
            ClientStatus = _pair.Client.Read([]).Status; // the server's last word
        }
    }

    public MeshSession Client { get; }

    public MeshSession Server { get; }

    public TlsStatus ClientStatus { get; }

    public TlsStatus ServerStatus { get; }

    public bool CarriesData()
    {
        Assert.Equal(TlsStatus.Ok, _pair.Client.Write([1, 2]));
        return _pair.Server.Read(_pair.Client.TakeOutput()).Data is [1, 2];
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _pair.Dispose();
    }
}

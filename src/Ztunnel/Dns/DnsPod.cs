using System.ComponentModel;
using Ztunnel.Dns.Forwarding;
using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.Dns;

/// <summary>What belongs to one pod: who it is, its account on the DNS thread, its way to upstream servers.</summary>
internal sealed class DnsPod
{
    public DnsPod(
        DnsServices services, WorkloadInfo info, NetworkNamespace? network, IReadOnlyList<InetEndpoint> addresses)
    {
        (Services, Info, Network, Addresses) = (services, info, network, addresses);
        Account = new TurnAccount($"dns of {info}");
        Forwarder = new PodForwarder(this);
        Source = new PodSource(this);
    }

    public DnsServices Services { get; }

    public WorkloadInfo Info { get; }

    /// <summary>Null: our own.</summary>
    public NetworkNamespace? Network { get; }

    /// <summary>What its DNS server listens on.</summary>
    public IReadOnlyList<InetEndpoint> Addresses { get; }

    /// <summary>Who pays for what the pod asks: one that floods leaves the others their share of the thread.</summary>
    public TurnAccount Account { get; }

    public PodForwarder Forwarder { get; }

    public PodSource Source { get; }

    /// <summary>Ended when the pod is gone or the drain's time is over.</summary>
    public CancellationToken Aborted => Ending.Token;

    private CancellationTokenSource Ending { get; } = new();

    /// <summary>Raised when something that was waited for has ended.</summary>
    public event Action? MaybeIdle;

    public void OnMaybeIdle() => MaybeIdle?.Invoke();

    /// <summary>A server that would be asked there is ourselves.</summary>
    public bool ListensOn(InetEndpoint server) => Addresses.Any(own =>
        own == server || (own.Address.IsUnspecified && own.Port == server.Port && server.Address.IsLoopback));

    /// <summary>A socket of the pod's to one server, marked so that the pod's redirect lets it pass.</summary>
    /// <exception cref="Win32Exception">Out of descriptors, no way to the server, or the namespace is gone.</exception>
    public UdpSocket OpenUpstream(InetEndpoint server)
    {
        bool v6 = server.Address.IsV6;
        UdpSocket socket = Network is { } network ? UdpSocket.CreateIn(network, v6) : UdpSocket.Create(v6);
        try
        {
            SetMark(socket);
            IoResult connected = socket.Connect(server);
            return connected.IsOk ? socket : throw new Win32Exception(connected.Errno, connected.Text);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>To be connected to the server.</summary>
    /// <exception cref="Win32Exception">Out of descriptors, or the namespace is gone.</exception>
    public TcpSocket CreateUpstreamTcp(InetEndpoint server)
    {
        bool v6 = server.Address.IsV6;
        TcpSocket socket = Network is { } network ? TcpSocket.CreateIn(network, v6) : TcpSocket.Create(v6);
        try
        {
            SetMark(socket);
            SocketOptions.SetNoDelay(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>On the DNS thread: nothing waits any more.</summary>
    public void Abort()
    {
        Ending.Cancel();
        Forwarder.Abandon();
    }

    private void SetMark(InetSocket socket)
    {
        if (Services.Config.Sockets.PacketMark is { } mark)
        {
            SocketOptions.SetMark(socket, mark);
        }
    }
}

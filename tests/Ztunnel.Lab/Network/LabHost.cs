using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ztunnel.Linux;

namespace Ztunnel.Lab;

/// <summary>A network namespace with one interface on the lab's bridge, and what can be done from inside it.</summary>
public class LabHost
{
    private const int Backlog = 4096;

    private readonly LabNetwork _lab;

    internal LabHost(LabNetwork lab, string name, string netns, IPAddress v4, IPAddress v6)
    {
        _lab = lab;
        (Name, Netns, V4, V6) = (name, netns, v4, v6);
        Network = NetworkNamespace.Open(NetnsPath);
    }

    public string Name { get; }

    /// <summary>Its name for <c>ip netns</c>.</summary>
    public string Netns { get; }

    public string NetnsPath => $"/var/run/netns/{Netns}";

    public NetworkNamespace Network { get; }

    public IPAddress V4 { get; }

    public IPAddress V6 { get; }

    /// <summary>
    /// Runs on the lab's own thread inside the namespace; synchronous, and nothing that starts threads.
    /// </summary>
    public T Inside<T>(Func<T> work) => _lab.Threads.Run(Network, work);

    /// <summary>A TCP socket of this namespace, used from wherever.</summary>
    public Socket CreateSocket(AddressFamily family = AddressFamily.InterNetwork) =>
        Inside(() => new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });

    /// <summary>Both families; port 0 is any.</summary>
    public Socket Listen(int port, int backlog = Backlog)
    {
        Socket socket = CreateSocket(AddressFamily.InterNetworkV6);
        socket.DualMode = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>
    /// Takes a port so that nobody shares it, as <see cref="Listen"/> would let another SO_REUSEPORT listener.
    /// </summary>
    public Socket Occupy(int port)
    {
        Socket socket = CreateSocket(AddressFamily.InterNetworkV6);
        socket.DualMode = true;
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        socket.Listen(1);
        return socket;
    }

    public Task<Socket> ConnectAsync(IPAddress address, int port, CancellationToken cancellation = default) =>
        ConnectAsync(new IPEndPoint(address, port), cancellation);

    public async Task<Socket> ConnectAsync(IPEndPoint target, CancellationToken cancellation = default)
    {
        Socket socket = CreateSocket(target.AddressFamily);
        try
        {
            await socket.ConnectAsync(target, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An HTTP client whose connections start in this namespace.</summary>
    public HttpClient CreateHttpClient() => new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero, // every request its own: servers here come and go
            ConnectCallback = async (context, cancellation) => new NetworkStream(
                await ConnectAsync(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port, cancellation),
                ownsSocket: true),
        })
    {
        Timeout = Patience.Limit,
    };

    /// <summary>Runs a program inside to its end.</summary>
    public Task<ShellResult> RunAsync(string program, params string[] arguments) =>
        Shell.TryRunAsync("nsenter", [$"--net={NetnsPath}", program, .. arguments]);

    /// <summary>Starts a program inside; the lab ends it when it is disposed.</summary>
    public Process Start(ProcessStartInfo start)
    {
        string program = start.FileName;
        List<string> arguments = [$"--net={NetnsPath}", program, .. start.ArgumentList];
        start.FileName = "nsenter";
        start.ArgumentList.Clear();
        arguments.ForEach(start.ArgumentList.Add);
        return _lab.Track(Process.Start(start) ?? throw new LabException($"{program} did not start"));
    }

    internal void Close() => Network.Dispose();
}

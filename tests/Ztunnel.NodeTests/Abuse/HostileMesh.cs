using System.Net;
using System.Net.Security;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>
/// Two nodes with an innocent client and server, and the hostile: <c>outside</c> attacks the server's node with a
/// certificate of the mesh, the captured pod <c>mallory</c> attacks from within the client's node, towards
/// <c>evil</c>, whose node answers as tests tell it to.
/// </summary>
public sealed class HostileMesh : IAsyncLifetime
{
    public const int HbonePort = 15008;
    public const int PlaintextPort = 15006;

    /// <summary>Nobody listens.</summary>
    public const int ClosedPort = 1;

    private const int Burners = 4;

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(1);

    // Tens of thousands of lines a second: reading them here would cost the machine more than the attack does.
    private static readonly string[] s_withoutLog = ["sh", "-c", "exec \"$0\" \"$@\" >/dev/null 2>&1"];

    private readonly Queue<Pod> _late = new();
    private TwoNodeMesh? _mesh;
    private InnocentLoad? _innocent;
    private MeekApps? _apps;

    public TwoNodeMesh Mesh => _mesh!;

    public InnocentLoad Innocent => _innocent!;

    internal UsualLoad Usual { get; } = new();

    public Pod Attacker => Mesh.Outside;

    public Pod Mallory { get; private set; } = null!;

    public Pod Evil { get; private set; } = null!;

    /// <summary>In the server's pod.</summary>
    public MeekApps Apps => _apps!;

    /// <summary>Of the mesh; the server lets it in.</summary>
    public SslStreamCertificateContext Certificate { get; private set; } = null!;

    /// <summary>Of the mesh; a policy denies it.</summary>
    public SslStreamCertificateContext DeniedCertificate { get; private set; } = null!;

    /// <summary>What callers of evil expect.</summary>
    public SslStreamCertificateContext EvilCertificate { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _mesh = await TwoNodeMesh.StartAsync(new TwoNodeMeshOptions { Config = Configure, Wrapper = s_withoutLog });
        Mesh.ClientProxy.Zds.Add(Mallory);
        Certificate = Issue(Attacker.SpiffeId);
        DeniedCertificate = Issue("spiffe://cluster.local/ns/default/sa/denied");
        EvilCertificate = Issue(Evil.SpiffeId);
        _apps = new MeekApps(Mesh.Server);
        await BlackHole.OpenAsync(Mesh.Server);
        await BlackHole.OpenAsync(Attacker);
        _innocent = new InnocentLoad(Mesh.Client, Mesh.Server);
        await Innocent.MeasureAsync(s_window); // whatever is made at first use is made
        await ObserveUsualAsync();
    }

    public async Task DisposeAsync()
    {
        _innocent?.Dispose();
        _apps?.Dispose();
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }
    }

    /// <summary>
    /// Usual is: beside somebody who keeps the processors as busy as an attacker does, but leaves the proxy alone.
    /// </summary>
    public async Task ObserveUsualAsync()
    {
        using Flood burners = new(Burners, turn =>
        {
            turn.Count(1);
            Thread.SpinWait(100);
        });
        await burners.UnderWayAsync();
        using QuietHeap quiet = new();
        LoadWindow window = await Innocent.MeasureAsync(s_window);
        Assert.Empty(window.Errors);
        Usual.Add(window);
    }

    /// <summary>Of an application in the server's pod, as CONNECT names it.</summary>
    public string Authority(int port) => $"{Mesh.Server.V4}:{port}";

    public IPEndPoint ServerAt(int port) => new(Mesh.Server.V4, port);

    /// <summary>TCP and TLS to the server's proxy.</summary>
    public HostilePeer OpenPeer(SslStreamCertificateContext? certificate = null, int receiveBuffer = 0) =>
        HostilePeer.Open(Attacker, ServerAt(HbonePort), certificate ?? Certificate, receiveBuffer);

    /// <summary>A peer that has sent preface and SETTINGS; its answers are counted until the round ends.</summary>
    public void AsPeer(FloodTurn turn, Action<HostilePeer> act, SslStreamCertificateContext? certificate = null) =>
        AsSilentPeer(turn, peer => act(peer.Listen()), certificate);

    /// <summary>The same, but it reads its answers itself or not at all.</summary>
    public void AsSilentPeer(
        FloodTurn turn, Action<HostilePeer> act, SslStreamCertificateContext? certificate = null, int receiveBuffer = 0)
    {
        HostilePeer peer = turn.Hold(OpenPeer(certificate, receiveBuffer));
        try
        {
            peer.Send(new FrameBatch().Greeting());
            act(peer);
        }
        catch (IOException) when (!turn.IsOver)
        {
            peer.AwaitEnd(); // writing failed; what the proxy said before may still be on its way
            throw;
        }
        finally
        {
            turn.Release(peer);
        }
    }

    /// <summary>An attack of the same frames without end.</summary>
    public Action<FloodTurn> Repeating(FrameBatch opening, int times, Action<FrameBatch> frame)
    {
        FrameBatch batch = new FrameBatch().Repeat(times, frame);
        return turn => AsPeer(turn, peer =>
        {
            peer.Send(opening);
            while (!turn.IsOver)
            {
                peer.Send(batch);
                turn.Count(batch.Frames);
            }
        });
    }

    /// <summary>An attack of frames on one new stream after the other.</summary>
    public Action<FloodTurn> OnNewStreams(
        int streams, Action<FrameBatch, int> write, SslStreamCertificateContext? certificate = null) => turn => AsPeer(
        turn,
        peer =>
        {
            FrameBatch batch = new();
            for (int stream = 1; !turn.IsOver && stream > 0;)
            {
                for (batch.Clear(); batch.Frames < streams && stream > 0; stream += 2)
                {
                    write(batch, stream);
                }

                peer.Send(batch);
                turn.Count(batch.Frames);
            }
        },
        certificate);

    /// <summary>A pod that comes to the client's node only now, with an identity of its own.</summary>
    public Pod AddLatePod()
    {
        Pod pod = _late.Dequeue();
        Mesh.ClientProxy.Zds.Add(pod);
        return pod;
    }

    private MeshConfig Configure(TwoNodeMesh mesh)
    {
        Mallory = mesh.Network.AddPod(new PodSpec("mallory"));
        Evil = mesh.Network.AddPod(new PodSpec("evil", "node3", IsCaptured: false));
        MeshConfig config = mesh.Config();
        for (int i = 0; i < 2; i++)
        {
            _late.Enqueue(mesh.Network.AddPod(new PodSpec($"late{i}")));
            config.Add(_late.Last());
        }

        return config
            .Add(Mallory)
            .Add(Evil, change: workload => workload["protocol"] = "HBONE")
            .AddPolicy("deny-denied", "Deny", new()
            {
                ["principals"] = new[] { new YamlTag("Exact", "cluster.local/ns/default/sa/denied") },
            });
    }

    private SslStreamCertificateContext Issue(string spiffeId) =>
        HostilePeer.Present(Mesh.Ca.Root.Issue(LeafSpec.Of(spiffeId)));
}

using System.Net;
using System.Net.Sockets;
using Xunit.Abstractions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Dns;

/// <summary>
/// A pod that asks without end: the other pods of its node keep half of their usual rate, and every answer.
/// </summary>
public sealed class DnsFloodTests(DnsFloodTests.TwoPods pods, ITestOutputHelper output)
    : IClassFixture<DnsFloodTests.TwoPods>
{
    private const int Threads = 4;
    private const int Attempts = 5;

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("echo")] // answered at once
    [InlineData("many")] // answered with all that fits
    [InlineData("silent.example.com")] // passed on to a server that never answers
    [InlineData("nx.example.com")] // passed on and back
    public async Task Flood_OfOnePod_LeavesTheOthersHalfOfTheirRate(string name)
    {
        using NameAsker innocent = new(pods.Client, DnsMeshes.Server);
        using Socket nobody = pods.Attacker.Inside(Sink);
        IPEndPoint server = new(IPAddress.Parse(DnsMeshes.Server), 53);
        double best = 0;
        for (int attempt = 0; attempt < Attempts && best < 0.5; attempt++)
        {
            // Ratios of two measurements on a machine with other users: a low one may be chance. Sending alone costs the
            // others cores and is no matter of the proxy's: the usual rate is beside a pod that sends to itself.
            double usual = await RateUnderFloodAsync(innocent, name, nobody.LocalEndPoint!);
            double flooded = await RateUnderFloodAsync(innocent, name, server);
            output.WriteLine($"{name}: usual {usual:F0}/s, under the flood {flooded:F0}/s");
            best = Math.Max(best, flooded / usual);
        }

        Assert.True(best >= 0.5, $"at best {best:P0} of the usual rate");
        Assert.True(await pods.Mesh.ClientProxy.IsReadyAsync());
    }

    private async Task<double> RateUnderFloodAsync(NameAsker innocent, string name, EndPoint target)
    {
        ushort id = 0;
        using Flood flood = new(Threads, turn =>
        {
            NameAsker attacker = turn.Hold(new NameAsker(pods.Attacker, target));
            while (!turn.IsOver)
            {
                attacker.Send(NameAsker.Query(name, id++));
                turn.Count(1);
            }
        });
        await flood.UnderWayAsync(2000);
        long before = flood.Turn.Done;
        double rate = await Task.Run(() => innocent.Rate("echo", s_window));
        output.WriteLine($"{flood.Turn.Done - before} queries of the attacker meanwhile");
        flood.ThrowIfFailed();
        return rate;
    }

    // Takes what its buffer holds and no more; nobody reads it.
    private static Socket Sink()
    {
        Socket sink = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sink.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return sink;
    }

    /// <summary>The client and an attacker on one node, and an upstream server.</summary>
    public sealed class TwoPods : MeshFixture
    {
        private LabResolver? _upstream;

        public Pod Attacker => Mesh.Pod("attacker");

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            _upstream = new LabResolver(Mesh.Network.Bridge);
        }

        public override Task DisposeAsync()
        {
            _upstream?.Dispose();
            return base.DisposeAsync();
        }

        protected override TwoNodeMeshOptions Options()
        {
            TwoNodeMeshOptions options = DnsMeshes.Options();
            return options with
            {
                ExtraPods = [.. options.ExtraPods, new PodSpec("attacker") { CapturesDns = true }],
                Environment = new Dictionary<string, string?>(),
                Config = mesh => options.Config!(mesh).Add(mesh.Pod("attacker")),
            };
        }
    }
}

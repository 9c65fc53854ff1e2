using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>
/// Certificates that come as secrets, over the discovery stream or from a socket as agents serve them: bad ones are
/// refused and the last good one stays.
/// </summary>
public sealed class SecretTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private const string OverDiscovery = "over discovery";
    private const string OnASocket = "on a socket";
    private const string Expired = "expired";

    private static readonly Dictionary<string, Func<LabSecrets, string, MeshResource>> s_bad = new()
    {
        ["wrong key"] = (secrets, id) => secrets.Certificate(id, LeafSpec.Of(id), isKeyItsOwn: false),
        ["wrong identity"] = (secrets, id) =>
            secrets.Certificate(id, LeafSpec.Of("spiffe://cluster.local/ns/other/sa/mallory")),
        [Expired] = (secrets, id) => secrets.Certificate(
            id, LeafSpec.Of(id) with { StartsIn = TimeSpan.FromHours(-2), EndsIn = TimeSpan.FromHours(-1) }),
        ["truncated"] = (secrets, id) => secrets.Certificate(id, LeafSpec.Of(id)).Truncated(),
    };

    public static TheoryData<string> Ways => [OverDiscovery, OnASocket];

    public static TheoryData<string, string> BadOnes
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (string how in s_bad.Keys)
            {
                rows.Add(OverDiscovery, how);
                rows.Add(OnASocket, how);
            }

            return rows;
        }
    }

    private LabSecrets Secrets => lab.ControlPlane.Secrets;

    [Theory, MemberData(nameof(BadOnes))]
    public async Task Secret_ThatIsBad_IsRefusedAndTheLastGoodOneStays(string way, string how)
    {
        (Pod client, Pod server) = (lab.AddPod(), lab.AddPod());
        using ZtunnelProcess proxy = await StartAsync(way, client, server);
        using AppServer echo = AppServer.Echo(server);
        await using SteadyTraffic traffic = await SteadyTraffic.StartAsync(client, server.V4, echo.Port);
        int before = lab.ControlPlane.Answers.Count;
        int pushes = lab.ControlPlane.Pushes.Count;

        lab.ControlPlane.Set(s_bad[how](Secrets, client.SpiffeId));
        PushAnswer? answer = null;
        await lab.ControlPlane.UntilAsync(() => (answer = AnswerTo(client, pushes, before)) is not null, "an answer");
        await traffic.GoesOnAsync();
        lab.ControlPlane.Set(Secrets.Certificate(client.SpiffeId, client.SpiffeId));

        await traffic.GoesOnAsync();
        await traffic.StopAsync();
        // One that is well-formed but expired is taken, and not used.
        Assert.Equal(how != Expired, answer!.Error is not null);
        Assert.Empty(lab.Ca.Calls);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Roots_ThatComeLate_AreWaitedForAndNothingIsSentInPlain(string way)
    {
        (Pod client, Pod server) = (lab.AddPod(), lab.AddPod());
        Secrets.HasRoot = false;
        lab.ControlPlane.Remove(ResourceType.Secret, LabSecrets.RootName);
        using ZtunnelProcess proxy = await StartAsync(way, client, server);
        using AppServer echo = AppServer.Echo(server);

        Task first = EchoClient.OnceAsync(client, server.V4, echo.Port);
        Task sent = lab.ControlPlane.UntilAsync(
            () => lab.ControlPlane.Pushes.Any(push => push.Names.Contains(client.SpiffeId)), "a lone certificate");
        await Task.WhenAny(first, sent);
        Assert.Empty(echo.Callers);
        Secrets.HasRoot = true;
        lab.ControlPlane.Set(Secrets.Root());

        await Patience.UntilAsync(() => IsServedAsync(client, server, echo), "the call to be served");
        await Task.WhenAny(first); // held until the roots came, or refused before: both are safe
    }

    private PushAnswer? AnswerTo(Pod pod, int pushes, int answers)
    {
        Push? push = lab.ControlPlane.Pushes.Skip(pushes).FirstOrDefault(each => each.Names.Contains(pod.SpiffeId));
        return lab.ControlPlane.Answers.Skip(answers).FirstOrDefault(
            each => (each.TypeUrl, each.Nonce) == (push?.TypeUrl, push?.Nonce));
    }

    private Task<ZtunnelProcess> StartAsync(string way, params Pod[] pods) => lab.Start(pods, options => options.With(
        ("CERT_PROVIDER", "sds"),
        ("SDS_UDS_PATH", way == OnASocket ? lab.ControlPlane.AgentSocket : null))).ReadyAsync();

    private static async Task<bool> IsServedAsync(Pod from, Pod to, AppServer echo)
    {
        try
        {
            await EchoClient.OnceAsync(from, to.V4, echo.Port);
            return true;
        }
        catch (Exception refused) when (refused is SocketException or EndOfStreamException)
        {
            return false;
        }
    }
}

using Ztunnel.Linux;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

/// <summary>A workload that changes leaves its old places and keeps those it still has.</summary>
public sealed class WorkloadIndexTests
{
    private static readonly string[] s_addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1"];
    private static readonly string[] s_uids = ["c//Pod/a/0", "c//Pod/a/1", "c//Pod/a/2", "vm-0", "vm-1"];
    private static readonly string[] s_accounts = ["x", "y"];
    private static readonly string[] s_names = ["v", "w", ""];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apply_WorkloadsThatChangeAtRandom_AreFoundWhereTheyAreAndNowhereElse(int seed)
    {
        var random = new Random(seed);
        var state = new MeshState("here");
        var present = new List<Workload>(); // the latest last
        var seeds = new Dictionary<string, int>(); // of each workload as it was told last
        for (int step = 0; step < 400; step++)
        {
            var update = new MeshUpdate();
            foreach (string uid in s_uids.Where(_ => random.Next(3) == 0))
            {
                Workload? before = present.Find(workload => workload.Uid == uid);
                if (random.Next(4) == 0)
                {
                    present.Remove(before!);
                    update.RemoveWorkload(uid);
                    continue;
                }

                seeds[uid] = random.Next(4) == 0 ? seeds.GetValueOrDefault(uid) : random.Next(); // told again at times
                Workload workload = AnyWorkload(new Random(seeds[uid]), uid);
                update.Set(workload);
                if (before?.IsLike(workload) != true) // what is only told again keeps its place
                {
                    present.Remove(before!);
                    present.Add(workload);
                }
            }

            state.Apply(update);

            AssertFound(state.Current, present);
        }
    }

    private static void AssertFound(MeshSnapshot mesh, List<Workload> present)
    {
        Assert.Equal(present.OrderBy(Uid), mesh.Workloads.All().OrderBy(Uid));
        Assert.Equal(present.Where(IsHere).OrderBy(Uid), mesh.Workloads.OnThisNode().OrderBy(Uid));
        foreach (NetworkAddress address in s_addresses.SelectMany(ip => (NetworkAddress[])[new("", Ip(ip)), new("net", Ip(ip))]))
        {
            Assert.Same(BestAt(present, address), mesh.FindWorkload(address));
        }

        foreach (string account in s_accounts)
        {
            Assert.Equal(
                present.Any(workload => IsHere(workload) && workload.ServiceAccount == account),
                mesh.Workloads.HasOnThisNode("a", account));
            NamespacedHostname hostname = new("a", $"{account}.example");
            Assert.Same(
                present.FirstOrDefault(workload => workload.Hostname == hostname.Hostname)?.Hostname,
                mesh.Workloads.Find(hostname)?.Hostname);
        }

        foreach (string name in s_names)
        {
            Assert.Equal(present.Any(workload => workload.WorkloadName == name), mesh.Workloads.HasPodOf("a", name));
        }

        static string Uid(Workload workload) => workload.Uid;

        static bool IsHere(Workload workload) => workload.Node == "here";
    }

    // A pod, then what speaks HBONE, then the latest.
    private static Workload? BestAt(List<Workload> present, NetworkAddress address) => present
        .Where(workload => workload.NetworkMode != NetworkMode.HostNetwork
            && workload.Network == address.Network && workload.Addresses.Contains(address.Address))
        .Reverse()
        .OrderByDescending(workload => workload.Uid.StartsWith("c//Pod/", StringComparison.Ordinal))
        .ThenByDescending(workload => workload.Protocol == TunnelProtocol.Hbone)
        .FirstOrDefault();

    private static Workload AnyWorkload(Random random, string uid) => new()
    {
        Uid = uid,
        Name = uid,
        Namespace = "a",
        ServiceAccount = s_accounts[random.Next(2)],
        WorkloadName = s_names[random.Next(3)],
        Node = random.Next(2) == 0 ? "here" : "there",
        Network = random.Next(3) == 0 ? "net" : "",
        Hostname = random.Next(2) == 0 ? "" : $"{s_accounts[random.Next(2)]}.example",
        NetworkMode = random.Next(4) == 0 ? NetworkMode.HostNetwork : NetworkMode.Standard,
        Protocol = random.Next(2) == 0 ? TunnelProtocol.Hbone : TunnelProtocol.Tcp,
        Addresses = [.. s_addresses.Where(_ => random.Next(2) == 0).Select(Ip)],
    };
}

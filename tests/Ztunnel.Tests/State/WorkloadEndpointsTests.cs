using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

/// <summary>A workload is an endpoint of the services it says it serves, in its latest version, and of no others.</summary>
public sealed class WorkloadEndpointsTests
{
    private static readonly string[] s_uids = ["w-0", "w-1", "w-2", "w-3"];

    // A workload that is read anew and serves what it did has the very same array.
    private static readonly WorkloadService[][] s_services =
    [
        [],
        [Serves("a/x", (80, 8080))],
        [Serves("a/x", (80, 8081)), Serves("a/y", (80, 8080))],
        [Serves("a/y", (80, 8080)), Serves("b/x", (80, 8080))],
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apply_WorkloadsThatChangeAtRandom_AreEndpointsOfWhatTheyServe(int seed)
    {
        Random random = new(seed);
        MeshState state = new(null);
        Dictionary<string, Workload> present = [];
        for (int step = 0; step < 500; step++)
        {
            MeshUpdate update = new();
            for (int changes = random.Next(6); changes > 0; changes--) // one may come twice in a batch
            {
                string uid = s_uids[random.Next(s_uids.Length)];
                if (random.Next(4) == 0)
                {
                    update.RemoveWorkload(uid);
                    present.Remove(uid);
                    continue;
                }

                WorkloadService[] services = s_services[random.Next(s_services.Length)];
                present[uid] = new Workload
                {
                    Uid = uid,
                    Node = random.Next(2) == 0 ? "node-a" : "node-b",
                    Services = random.Next(2) == 0 ? services : [.. services],
                    Status = random.Next(2) == 0 ? HealthStatus.Healthy : HealthStatus.Unhealthy,
                };
                update.Set(present[uid]);
            }

            MeshSnapshot mesh = state.Apply(update).Snapshot;

            foreach (NamespacedHostname service in (NamespacedHostname[])[Name("a/x"), Name("a/y"), Name("b/x")])
            {
                Assert.Equal(
                    present.Values.Where(workload => workload.PortsOf(service) is not null)
                        .OrderBy(static workload => workload.Uid, StringComparer.Ordinal)
                        .Select(workload => (workload.Uid, workload.Node, workload.PortsOf(service)!, workload.Status)),
                    mesh.Services.EndpointsOf(service).Pages.ToArray().SelectMany(static page => page)
                        .Select(static endpoint =>
                            (endpoint.WorkloadUid, endpoint.Workload!.Node, endpoint.Ports, endpoint.Status)));
                Assert.All(
                    mesh.Services.EndpointsOf(service).Pages.ToArray().SelectMany(static page => page),
                    endpoint => Assert.Same(mesh.FindWorkload(endpoint.WorkloadUid), endpoint.Workload));
            }
        }
    }
}

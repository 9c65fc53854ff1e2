using Ztunnel.Lab;
using Ztunnel.Load.Scale;

namespace Ztunnel.Load.Tests.Scale;

public sealed class ScaleMeshTests
{
    // What is as it was is not pushed, and whoever waits for the answer waits for ever.
    [Fact]
    public void ChangeEndpoint_MoreOftenThanThereAreWorkloads_IsAChangeEachTime()
    {
        const int workloads = 10;
        ScaleMesh mesh = new(workloads);
        Dictionary<string, MeshResource> known = mesh.Resources().ToDictionary(static resource => resource.Name);
        for (int index = 0; index < 4 * workloads; index++)
        {
            MeshResource change = mesh.ChangeEndpoint().Set;
            Assert.False(change.IsSameAs(known[change.Name]));
            known[change.Name] = change;
        }
    }

    [Fact]
    public void ChangePod_AnyOfThem_IsANewPodForOneThatWasThere()
    {
        const int workloads = 10;
        ScaleMesh mesh = new(workloads);
        Dictionary<string, MeshResource> known = mesh.Resources().ToDictionary(static resource => resource.Name);
        for (int index = 0; index < 4 * workloads; index++)
        {
            ScaleChange change = mesh.ChangePod();
            Assert.True(known.Remove(change.Gone!.Name));
            known.Add(change.Set.Name, change.Set);
            MeshResource health = mesh.ChangeEndpoint().Set;
            Assert.True(known.ContainsKey(health.Name));
        }
    }

    [Fact]
    public void ChangePolicy_MoreOftenThanThereArePolicies_IsAChangeEachTime()
    {
        ScaleMesh mesh = new(10);
        Dictionary<string, MeshResource> known = [];
        for (int index = 0; index < 300; index++)
        {
            MeshResource change = mesh.ChangePolicy().Set;
            Assert.False(known.TryGetValue(change.Name, out MeshResource? before) && change.IsSameAs(before));
            known[change.Name] = change;
        }

        Assert.InRange(known.Count, 1, 150); // some came again
    }
}

using Ztunnel.State;

namespace Ztunnel.Tests.State;

public sealed class EndpointChangesTests
{
    // Batches of every size on sets of every size: one pass or one by one, the outcome is the same.
    [Fact]
    public void Apply_AnyBatch_GivesWhatSingleChangesGive()
    {
        Random random = new(20261125);
        EndpointSet set = EndpointSet.Empty;
        for (int batch = 0; batch < 300; batch++)
        {
            EndpointSet expected = set;
            EndpointChanges changes = new(set);
            for (int left = random.Next(batch % 10 == 0 ? 1500 : 20); left > 0; left--)
            {
                string uid = $"uid-{random.Next(3000):d4}";
                if (random.Next(3) == 0)
                {
                    expected = expected.Remove(uid);
                    changes.Remove(uid);
                }
                else
                {
                    Endpoint endpoint = EndpointOf(uid, capacity: random.Next(20) == 0 ? 2u : 1u);
                    expected = expected.Set(endpoint);
                    changes.Set(endpoint);
                }

                if (batch % 2 == 0) // in the others nobody asks
                {
                    Assert.Same(expected.Find(uid), changes.Find(uid));
                }
            }

            set = changes.Apply();
            Assert.Equal(Flat(expected), Flat(set));
            Assert.Equal((expected.Count, expected.IsEven), (set.Count, set.IsEven));
            Assert.All(set.Pages.ToArray(), static page => Assert.InRange(page.Length, 1, 256));
        }

        Assert.True(set.Count > 1000);
    }

    [Fact]
    public void Apply_EverythingRemoved_IsTheEmptySet()
    {
        EndpointChanges changes = new(EndpointSet.Empty.Set(EndpointOf("a", 1)).Set(EndpointOf("b", 1)));
        changes.Remove("a");
        changes.Remove("b");

        Assert.Same(EndpointSet.Empty, changes.Apply());
    }

    [Fact]
    public void Apply_GoneAndThereAgain_IsTheNewOne()
    {
        Endpoint endpoint = EndpointOf("a", 1);
        EndpointChanges changes = new(EndpointSet.Empty.Set(EndpointOf("a", 1)));
        changes.Remove("a");
        changes.Set(endpoint);

        Assert.Same(endpoint, changes.Find("a"));
        Assert.Same(endpoint, Assert.Single(Flat(changes.Apply())));
    }

    [Fact]
    public void Apply_ThereAndGoneAgain_IsAsBefore()
    {
        EndpointSet before = EndpointSet.Empty.Set(EndpointOf("b", 1));
        EndpointChanges changes = new(before);
        changes.Set(EndpointOf("a", 1));
        changes.Remove("a");

        Assert.Same(before, changes.Apply());
    }

    private static IEnumerable<Endpoint> Flat(EndpointSet set) => set.Pages.ToArray().SelectMany(static page => page);

    private static Endpoint EndpointOf(string uid, uint capacity) =>
        new(new Workload { Uid = uid, Capacity = capacity }, PortMap.Empty);
}

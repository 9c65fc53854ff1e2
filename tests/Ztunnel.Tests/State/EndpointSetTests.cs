using Ztunnel.State;

namespace Ztunnel.Tests.State;

public sealed class EndpointSetTests
{
    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 3000)]
    public void SetAndRemove_RandomChanges_AgreeWithASortedList(int seed, int uids)
    {
        var random = new Random(seed);
        var expected = new SortedDictionary<string, Endpoint>(StringComparer.Ordinal);
        EndpointSet set = EndpointSet.Empty;
        for (int i = 0; i < 10_000; i++)
        {
            string uid = $"uid-{random.Next(uids)}";
            if (random.Next(3) == 0)
            {
                expected.Remove(uid);
                set = set.Remove(uid);
            }
            else
            {
                set = set.Set(expected[uid] = EndpointOf(uid, capacity: random.Next(100) == 0 ? 2u : 1u));
            }

            Assert.Equal(expected.Count, set.Count);
        }

        Assert.Equal(expected.Values, set.Pages.ToArray().SelectMany(page => page));
        Assert.All(expected, entry => Assert.Same(entry.Value, set.Find(entry.Key)));
        Assert.Null(set.Find("unknown"));
        Assert.Equal(expected.Values.All(endpoint => endpoint.Workload!.Capacity == 1), set.IsEven);
    }

    [Fact]
    public void Set_Changed_LeavesTheOldSetAlone()
    {
        EndpointSet first = EndpointSet.Empty.Set(EndpointOf("a", 1)).Set(EndpointOf("b", 1));

        EndpointSet second = first.Set(EndpointOf("a", 7)).Remove("b");

        Assert.Equal(2, first.Count);
        Assert.True(first.IsEven);
        Assert.Equal(1, second.Count);
        Assert.False(second.IsEven);
        Assert.Same(EndpointSet.Empty, second.Remove("a"));
    }

    [Fact]
    public void At_RandomNumbers_MeetsEveryEndpointEvenly()
    {
        EndpointSet set = EndpointSet.Empty;
        for (int i = 0; i < 600; i++)
        {
            set = set.Set(EndpointOf($"uid-{i:d4}", 1));
        }

        var random = new Random(5);
        var hits = new Dictionary<string, int>();
        for (int i = 0; i < 300_000; i++)
        {
            if (set.At((ulong)random.NextInt64()) is { } endpoint)
            {
                hits[endpoint.WorkloadUid] = hits.GetValueOrDefault(endpoint.WorkloadUid) + 1;
            }
        }

        Assert.Equal(600, hits.Count);
        Assert.True(hits.Values.Max() < 2 * hits.Values.Min());
    }

    private static Endpoint EndpointOf(string uid, uint capacity) =>
        new(new Workload { Uid = uid, Capacity = capacity }, PortMap.Empty);
}

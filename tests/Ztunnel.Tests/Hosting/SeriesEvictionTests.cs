using Ztunnel.Hosting;
using Ztunnel.State;
using Ztunnel.Tests.State;

namespace Ztunnel.Tests.Hosting;

public sealed class SeriesEvictionTests
{
    private readonly MeshState _mesh = new("node-a");
    private readonly List<MeshChange> _changes = [];

    public SeriesEvictionTests()
    {
        _mesh.Changed += _changes.Add;
        _mesh.Apply(TestMesh.Update(Pod("a-0", "a", "node-a"), Pod("a-1", "a", "node-b"), Pod("b-0", "b", "node-b")));
    }

    [Fact]
    public void Changed_FirstLoad_NothingIsGone() => Assert.Empty(_changes[0].GoneWorkloads);

    [Fact]
    public void Changed_WorkloadRemovedOrReplaced_OnlyTheRemovedIsGone()
    {
        _mesh.Apply(new MeshUpdate().RemoveWorkload("a-1").RemoveWorkload("unknown").Set(Pod("b-0", "b", "node-c")));

        Assert.Equal(["a-1"], _changes[^1].GoneWorkloads.Select(static workload => workload.Uid));
    }

    [Fact]
    public void Changed_RemovedAndSetAgain_OnlyWhatIsNotThereAgainIsGone()
    {
        _mesh.Apply(new MeshUpdate()
            .RemoveWorkload("a-0").RemoveWorkload("a-1").RemoveWorkload("b-0").Set(Pod("a-0", "a", "node-a")));

        Assert.Equal(["a-1", "b-0"], _changes[^1].GoneWorkloads.Select(static workload => workload.Uid).Order());
    }

    [Fact]
    public void LastPods_OtherPodOfTheWorkload_IsKept()
    {
        _mesh.Apply(new MeshUpdate().RemoveWorkload("a-1").RemoveWorkload("b-0"));

        Assert.Equal([("shop", "b")], SeriesEviction.LastPods(_changes[^1]));
    }

    [Fact]
    public void LastPods_SuccessorInTheSameBatch_IsKept()
    {
        _mesh.Apply(new MeshUpdate().RemoveWorkload("b-0").Set(Pod("b-1", "b", "node-b")));

        Assert.Empty(SeriesEviction.LastPods(_changes[^1]));
    }

    [Fact]
    public void LastPods_AllPodsAtOnce_AreOneWorkload()
    {
        _mesh.Apply(new MeshUpdate().RemoveWorkload("a-0").RemoveWorkload("a-1"));

        Assert.Equal([("shop", "a")], SeriesEviction.LastPods(_changes[^1]));
    }

    private static Workload Pod(string uid, string name, string node) =>
        new() { Uid = uid, Name = uid, Namespace = "shop", WorkloadName = name, Node = node };
}

using Ztunnel.Config;
using Ztunnel.Hosting;
using Ztunnel.Linux;
using Ztunnel.State;
using Ztunnel.Tests.Policy;

namespace Ztunnel.Tests.Hosting;

public sealed class StaticMeshTests : IDisposable
{
    private const string One = "workloads: [{uid: a, name: a, namespace: shop, workloadIps: [10.0.0.1], services: {}}]";
    private const string Two = One + "\npolicies: [{name: p, namespace: shop, scope: Global, action: Deny, rules: []}]";

    private readonly TestFolder _folder = new();
    private readonly MeshState _mesh = new(localNode: null);
    private readonly LogLines _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_File_FillsTheState()
    {
        using StaticMesh mesh = Loaded(One);

        Assert.NotNull(_mesh.Current.FindWorkload("a"));
        Assert.Equal(["local config initialized"], _log.Take());
    }

    [Fact]
    public void Load_NothingConfigured_LeavesTheStateAlone()
    {
        using StaticMesh mesh = new(new ControlPlaneOptions(), _mesh, _log);

        mesh.Load();

        Assert.Equal(0, _mesh.Current.Version);
    }

    [Fact]
    public void Load_BadFile_Refuses() => Assert.Throws<ConfigException>(() => Loaded("workloads: 1"));

    [Fact]
    public void Reload_ChangedFile_ReplacesTheMesh()
    {
        using StaticMesh mesh = Loaded(Two);

        _folder.Replace("mesh.yaml", One);
        mesh.Reload();

        Assert.Equal(0, _mesh.Current.Policies.Count);
        Assert.Equal(1, mesh.Reloads);
    }

    [Fact]
    public void Reload_BesideTheControlPlane_ChangesOnlyItsOwn()
    {
        using StaticMesh mesh = Loaded(Two);
        Workload theirs = new() { Uid = "theirs" };
        Workload above = new() { Uid = "a" };
        _mesh.Apply(new MeshUpdate().Set(theirs).Set(above));

        _folder.Replace("mesh.yaml", One.Replace("10.0.0.1", "10.0.0.2", StringComparison.Ordinal));
        mesh.Reload();

        Assert.Same(theirs, _mesh.Current.FindWorkload("theirs"));
        Assert.Same(above, _mesh.Current.FindWorkload("a")); // the control plane's word stands above the document's
        Assert.Equal(0, _mesh.Current.Policies.Count); // its own, and no longer there
    }

    // Else the next reload would take it for the document's own.
    [Fact]
    public void Reload_TheControlPlaneSaysTheSame_LeavesItsWordAlone()
    {
        using StaticMesh mesh = Loaded(One);
        Workload above = new() { Uid = "a", Name = "a", Namespace = "shop", Addresses = [InetAddress.V4(0x0A00_0001)] };
        _mesh.Apply(new MeshUpdate().Set(above));
        Assert.Same(above, _mesh.Current.FindWorkload("a"));

        _folder.Replace("mesh.yaml", "workloads: []");
        mesh.Reload();

        Assert.Same(above, _mesh.Current.FindWorkload("a"));
    }

    [Fact]
    public void Reload_TwiceWithTheSameWorkload_StillKnowsItsOwn()
    {
        using StaticMesh mesh = Loaded(One);
        _folder.Replace("mesh.yaml", Two);
        mesh.Reload();
        _folder.Replace("mesh.yaml", One.Replace("services", "status: Unhealthy, services", StringComparison.Ordinal));
        mesh.Reload();
        Assert.Equal(HealthStatus.Unhealthy, _mesh.Current.FindWorkload("a")!.Status);

        _folder.Replace("mesh.yaml", "workloads: []");
        mesh.Reload();

        Assert.Null(_mesh.Current.FindWorkload("a"));
    }

    [Fact]
    public void Reload_SameContent_AppliesNothing()
    {
        using StaticMesh mesh = Loaded(One);
        MeshSnapshot before = _mesh.Current;

        _folder.Replace("mesh.yaml", One);
        mesh.Reload();

        Assert.Same(before, _mesh.Current);
    }

    [Theory]
    [InlineData("workloads: [{uid: a, namespace: b, workloadIps: [c]}]", "mesh.yaml:1:50: workloads[0].work", "'c'")]
    [InlineData("", "mesh.yaml", "empty")]
    [InlineData("{", "mesh.yaml:", "")]
    public void Reload_BadContent_KeepsTheMeshAndComplainsOnce(string text, string place, string reason)
    {
        using StaticMesh mesh = Loaded(Two);
        MeshSnapshot before = _mesh.Current;
        _log.Take();

        _folder.Replace("mesh.yaml", text);
        mesh.Reload();
        mesh.Reload();

        string line = Assert.Single(_log.Take());
        Assert.StartsWith("local config not changed, the previous one stays", line, StringComparison.Ordinal);
        Assert.Contains(place, line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.Same(before, _mesh.Current);
        Assert.Equal(1, mesh.Refusals);
    }

    [Fact]
    public void Reload_FileGoneAndBack_ComplainsOnceAndRecovers()
    {
        using StaticMesh mesh = Loaded(Two);
        _log.Take();

        File.Delete(_folder["mesh.yaml"]);
        mesh.Reload();
        mesh.Reload();
        Assert.Single(_log.Take());
        Assert.Equal(1, _mesh.Current.Policies.Count);
        _folder.Replace("mesh.yaml", One);
        mesh.Reload();

        Assert.Equal(0, _mesh.Current.Policies.Count);
    }

    [Fact]
    public async Task Watch_FileReplaced_AppliesIt()
    {
        using StaticMesh mesh = Loaded(One);
        TaskCompletionSource applied = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _mesh.Changed += _ => applied.TrySetResult();
        mesh.Watch(TimeProvider.System);

        _folder.Replace("mesh.yaml", Two);

        await applied.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(1, _mesh.Current.Policies.Count);
    }

    [Fact]
    public void Watch_FileChangedSinceItWasLoaded_AppliesIt()
    {
        using StaticMesh mesh = Loaded(One);
        _folder.Replace("mesh.yaml", Two);

        mesh.Watch(TimeProvider.System);

        Assert.Equal(1, _mesh.Current.Policies.Count);
    }

    private StaticMesh Loaded(string text)
    {
        _folder.Replace("mesh.yaml", text);
        StaticMesh mesh = new(new ControlPlaneOptions { LocalConfigPath = _folder["mesh.yaml"] }, _mesh, _log);
        mesh.Load();
        return mesh;
    }
}

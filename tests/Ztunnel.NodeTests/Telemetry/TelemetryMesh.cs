using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Telemetry;

/// <summary>A service with an endpoint on the other node; the caller's locality is known.</summary>
public sealed class TelemetryMesh : MeshFixture
{
    public const string Vip = "10.96.0.20";
    public const int ServicePort = 80;
    public const int Target = 7001;
    public const string Service = "shop.default.svc.cluster.local";

    private AppServer? _echo;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _echo = AppServer.Echo(Server, Target);
    }

    public override Task DisposeAsync()
    {
        _echo?.Dispose();
        return base.DisposeAsync();
    }

    protected override TwoNodeMeshOptions Options() => new()
    {
        Config = mesh => new MeshConfig()
            .Add(mesh.Client, change: workload => workload["locality"] = new Dictionary<string, object?>
            {
                ["region"] = "north",
                ["zone"] = "north-1",
                ["subzone"] = "",
            })
            .Add(mesh.Server, new Dictionary<string, Dictionary<int, int>>
            {
                [$"default/{Service}"] = new() { [ServicePort] = Target },
            })
            .Add(mesh.Outside)
            .AddService("shop", [Vip], new() { [ServicePort] = Target }),
    };
}

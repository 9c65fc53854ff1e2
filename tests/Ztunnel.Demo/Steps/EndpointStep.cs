using Spectre.Console;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>A replica comes and gets its share of the calls, goes and gets none; no call fails.</summary>
internal sealed class EndpointStep : IStep
{
    // With two endpoints, one in 10^15 times so many calls in a row would all be the server's by chance.
    private const int Enough = 50;

    public string Title => "the service is scaled out and in, live, under calls";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        await using WebCalls calls = new(mesh.Client);
        await calls.UntilAsync(() => calls.Made >= Enough, "the first calls");
        output.Say($"client calls http://{DemoMesh.Vip}/ without a pause: {calls.Made} calls, all at the server");

        mesh.West.Zds.Add(mesh.Replica);
        await mesh.UpdateAsync(mesh.Config(isScaledOut: true));
        TimeSpan first = await calls.UntilAsync(() => AtReplica() > 0, "a call at the replica");
        await calls.UntilAsync(() => AtReplica() >= Enough, "calls at the replica");
        output.Say($"scaled out: [green]replica is called[/] {first.TotalMilliseconds:0} ms after both nodes know it");

        await mesh.UpdateAsync(mesh.Config());
        await ServerAloneAsync(mesh, calls);
        output.Say($"scaled in: {Enough} calls in a row, [green]none of them at the replica[/]");
        output.Say($"{calls.Made} calls in all, {AtReplica()} at the replica, [green]none failed[/]");
        mesh.West.Zds.Delete(mesh.Replica);

        int AtReplica() => mesh.ReplicaApp.Callers.Count;
    }

    private static async Task ServerAloneAsync(DemoMesh mesh, WebCalls calls)
    {
        (int replica, int from) = (-1, 0);
        await calls.UntilAsync(
            () =>
            {
                if (mesh.ReplicaApp.Callers.Count != replica)
                {
                    (replica, from) = (mesh.ReplicaApp.Callers.Count, calls.Made);
                }

                return calls.Made >= from + Enough;
            },
            "the calls to stay away from the replica");
    }
}

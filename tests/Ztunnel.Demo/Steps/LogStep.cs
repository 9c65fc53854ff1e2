using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>What the proxies wrote down: a call that went well, one that was denied, one from outside.</summary>
internal sealed class LogStep : IStep
{
    public string Title => "access log of the server's node";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        ProcessLog log = mesh.West.Log;
        output.Quote(
        [
            await log.WaitForAsync("connection complete", "src.workload=\"client\"", "dst.service=\"web."),
            await log.WaitForAsync("connection complete", "src.workload=\"outside\""),
            await log.WaitForAsync("connection complete", "src.workload=\"stranger\"", "policy change"),
            await log.WaitForAsync("connection complete", "src.workload=\"stranger\"", "policy rejection"),
        ]);
    }
}

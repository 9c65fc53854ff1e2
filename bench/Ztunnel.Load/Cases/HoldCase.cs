using System.Globalization;
using Ztunnel.Load.Figures;
using Ztunnel.Load.Generators;
using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Cases;

/// <summary>Connections that are open and do nothing: what each costs in memory, and whether all still work.</summary>
internal sealed class HoldCase : ILoadCase
{
    public string Name => "hold";

    public async Task RunAsync(LoadMesh mesh, LoadPlan plan, RoundFigures figures)
    {
        if (!mesh.HasProxies)
        {
            return; // nobody's memory to look at
        }

        double before = mesh.PssPerProxy;
        await using GeneratorRun holding = mesh.Client.Start(
        [
            "hold", mesh.Target(LoadServer.EchoPort),
            "--connections", plan.HeldConnections.ToString(CultureInfo.InvariantCulture),
        ]);
        HoldReport opened = await holding.ReadAsync<HoldReport>();
        await LoadMesh.SettleAsync();
        double held = mesh.PssPerProxy;

        await holding.GoOnAsync();
        HoldReport answered = await holding.ReadAsync<HoldReport>();
        await holding.EndAsync();
        figures.AddErrors(Name, opened.Errors);
        figures.AddErrors($"{Name}, asked again", answered.Errors);
        figures.Set("hold.setup_s", opened.Seconds);
        figures.Set("hold.kib_per_conn", (held - before) / 1024 / Math.Max(1, opened.Answered));
    }
}

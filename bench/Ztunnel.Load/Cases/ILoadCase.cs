using Ztunnel.Load.Figures;
using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Cases;

/// <summary>One kind of work, between the two pods of a mesh that is ready.</summary>
internal interface ILoadCase
{
    /// <summary>As <c>--only</c> takes it, and as figures' keys begin.</summary>
    string Name { get; }

    Task RunAsync(LoadMesh mesh, LoadPlan plan, RoundFigures figures);
}

using Ztunnel.Lab;

namespace Ztunnel.Load.Scale;

/// <summary>One push of a single change.</summary>
/// <param name="Set">New, or as it is from now on.</param>
/// <param name="Gone">What it takes the place of, under another name.</param>
internal sealed record ScaleChange(MeshResource Set, MeshResource? Gone = null)
{
    public void MakeAt(LabControlPlane plane) =>
        plane.Change([Set], Gone is null ? [] : [(Gone.TypeUrl, Gone.Name)]);
}

namespace Ztunnel.State;

/// <summary>Asks the control plane for one name; ends when its answer is in the state, or will not come in time.</summary>
/// <param name="name"><c>network/IP</c>, <c>namespace/hostname</c> or a uid.</param>
internal delegate ValueTask MeshFetch(string name, CancellationToken cancellation);

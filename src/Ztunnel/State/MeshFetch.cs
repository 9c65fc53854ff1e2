namespace Ztunnel.State;

/// <summary>Asks the control plane for one name; ends when its answer is in the state, or has not come in time.</summary>
/// <param name="name"><c>network/IP</c>, <c>namespace/hostname</c> or a uid.</param>
/// <returns>False: there was no answer, and it is not known what the name stands for.</returns>
internal delegate ValueTask<bool> MeshFetch(string name, CancellationToken cancellation);

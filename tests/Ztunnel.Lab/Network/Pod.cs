using System.Net;

namespace Ztunnel.Lab;

/// <summary>A pod: a namespace with an identity; in the mesh if its traffic is redirected.</summary>
public sealed class Pod : LabHost
{
    internal Pod(LabNetwork lab, string netns, IPAddress v4, IPAddress v6, PodSpec spec)
        : base(lab, spec.Name, netns, v4, v6) => Spec = spec;

    public PodSpec Spec { get; }

    /// <summary>As the control plane knows it; ZDS goes by <see cref="ZdsUid"/>.</summary>
    public string WorkloadUid => $"Kubernetes//Pod/{Spec.Namespace}/{Name}";

    /// <summary>As Kubernetes does: 36 characters.</summary>
    public string ZdsUid { get; } = Guid.NewGuid().ToString();

    public string SpiffeId => $"spiffe://cluster.local/ns/{Spec.Namespace}/sa/{Spec.Account}";

    /// <summary>As policies write it.</summary>
    public string Principal => SpiffeId["spiffe://".Length..];
}

using Ztunnel.ControlPlane;

namespace Ztunnel.Xds;

/// <summary>Resources that somebody else asked for by name (<see cref="IResourceStream"/>).</summary>
/// <param name="isWanted">Late answers to what is no longer subscribed to reach nobody.</param>
internal sealed class NamedTarget(IResourceHandler handler, Func<string, bool> isWanted) : IPushTarget
{
    public void Apply(Push push)
    {
        push.Each(resource =>
        {
            if (isWanted(resource.Name)
                && handler.OnResource(resource.Name, resource.Version, resource.Resource_.Value) is { } refusal)
            {
                throw new RejectedResourceException(refusal);
            }

            return resource.Name;
        });
        foreach (string name in push.Removed.Where(isWanted))
        {
            handler.OnRemoved(name);
        }
    }
}

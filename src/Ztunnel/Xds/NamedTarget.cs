using Google.Protobuf;
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
            string name = resource.Name;
            if (isWanted(name)
                && handler.OnResource(name, resource.Version, ByteString.CopyFrom(resource.Value)) is { } refusal)
            {
                throw new RejectedResourceException(refusal);
            }

            return name;
        });
        foreach (string name in push.Removed.Where(isWanted))
        {
            handler.OnRemoved(name);
        }
    }
}

using Ztunnel.State;
using Ztunnel.Xds.Readers;
using Wire = Ztunnel.Protos.Authorizations;

namespace Ztunnel.Xds;

/// <summary>Policies, each under the name of its resource.</summary>
internal sealed class AuthorizationTarget(MeshState mesh) : IPushTarget
{
    public void Apply(Push push)
    {
        MeshUpdate update = new();
        push.Each(resource => Set(update, resource));
        foreach (string name in push.Removed)
        {
            update.RemovePolicy(name);
        }

        if (!update.IsEmpty)
        {
            mesh.Apply(update);
        }
    }

    private static string Set(MeshUpdate update, WireResource resource)
    {
        string name = resource.Name;
        update.Set(name, AuthorizationReader.Read(WireMessage.Parse(Wire.Authorization.Parser, resource.Value)));
        return name;
    }
}

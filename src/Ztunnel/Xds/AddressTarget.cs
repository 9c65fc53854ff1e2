using Microsoft.Extensions.Logging;
using Ztunnel.State;
using Ztunnel.Xds.Readers;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds;

/// <summary>Workloads and services: read without a lock, then put into the state as one batch.</summary>
internal sealed class AddressTarget : IPushTarget
{
    private readonly MeshState _mesh;
    private readonly ILogger _logger;
    private readonly WorkloadReader _workloads;
    private readonly ServiceReader _services;

    public AddressTarget(MeshState mesh, ILogger logger)
    {
        (_mesh, _logger) = (mesh, logger);
        SharedValues shared = new();
        _workloads = new WorkloadReader(shared);
        _services = new ServiceReader(shared);
    }

    public void Apply(Push push)
    {
        MeshUpdate update = new();
        push.Each(resource => Set(update, resource));
        List<string> unknown = []; // told of outside the state's lock: a log may have to wait
        _mesh.Apply(known => Remove(update, push.Removed, known, unknown));
        unknown.ForEach(_logger.UnknownRemoved);
    }

    private string Set(MeshUpdate update, WireResource resource)
    {
        WireAddress address = WireAddress.Read(resource.Value);
        switch (address.Type)
        {
            case Wire.Address.TypeOneofCase.Workload:
                Workload workload = _workloads.Read(address.Value, _mesh.Current.FindWorkload);
                update.Set(workload);
                return WireText.Read(resource.NameBytes, workload.Uid); // one text kept, not two
            case Wire.Address.TypeOneofCase.Service:
                update.Set(_services.Read(WireMessage.Parse(Wire.Service.Parser, address.Value)));
                return resource.Name;
            default:
                throw new RejectedResourceException("unknown address type");
        }
    }

    // A removal says a name and not of what: a workload goes before a service.
    private static MeshUpdate Remove(
        MeshUpdate update, IReadOnlyList<string> names, MeshSnapshot known, List<string> unknown)
    {
        if (names.Count == 0)
        {
            return update;
        }

        HashSet<string> workloads = new(update.Workloads.Select(static change => change.Uid), StringComparer.Ordinal);
        HashSet<NamespacedHostname> services = [.. update.Services.Select(static change => change.Name)];
        foreach (string name in names)
        {
            if (workloads.Contains(name) || known.FindWorkload(name) is not null)
            {
                update.RemoveWorkload(name);
            }
            else if (!NamespacedHostname.TryParse(name, out NamespacedHostname service))
            {
                unknown.Add(name);
            }
            else if (services.Contains(service) || known.FindService(service) is not null)
            {
                update.RemoveService(service);
            }
            else if (!service.Hostname.Contains('/', StringComparison.Ordinal)) // with one it is the uid of a workload
            {
                unknown.Add(name);
            }
        }

        return update;
    }
}

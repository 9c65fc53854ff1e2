using System.Text;
using System.Text.Json;
using Ztunnel.State;

namespace Ztunnel.Tests.Xds.Readers;

/// <summary>All that a workload says, to compare it.</summary>
internal static class MeshText
{
    public static string Of(Workload workload)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            WorkloadJson.Write(json, workload);
        }

        return Encoding.UTF8.GetString(stream.ToArray())
            + string.Join(' ', workload.Services.Select(static served =>
                $"{served.Name}:{string.Join(',', served.Ports.Mappings.ToArray())}"));
    }
}

using System.Text.Json;
using Ztunnel.Admin;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.InPod;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>What <c>/config_dump</c> shows of this process.</summary>
internal static class NodeDump
{
    public static Admin.ConfigDump Of(NodeProxy node, BuildInfo build)
    {
        MeshState mesh = node.Mesh;
        List<DumpSection> sections =
        [
            DumpSection.Of("certificates", json => CertificateDump.Write(json, node.Certificates.List())),
            DumpSection.Of("config", json => Config.ConfigDump.WriteJson(json, node.Config)),
            DumpSection.Of("policies", json => PolicyJson.WriteAll(json, mesh.Current.Policies.All())),
            DumpSection.OfArray(
                "services",
                () => ServiceJson.Ordered(mesh.Current.Services.All()),
                (json, service) => ServiceJson.Write(json, service, mesh.Current.EndpointsOf(service))),
            DumpSection.Of("stagedServices", json => ServiceJson.WriteStaged(json, mesh.Current.Services)),
            DumpSection.Of("staticConfig", json => WriteStatic(json, node.Config.ControlPlane)),
            DumpSection.Of("version", build.WriteTo),
            DumpSection.OfArray(
                "workloads", () => WorkloadJson.Ordered(mesh.Current.Workloads.All()), WorkloadJson.Write),
        ];
        if (node.Pods is { } pods)
        {
            sections.Add(DumpSection.Of("workloadState", json => PodDump.Write(json, pods.List())));
        }

        return new Admin.ConfigDump(sections);
    }

    /// <summary>Read anew: it shows what a restart would load.</summary>
    internal static void WriteStatic(Utf8JsonWriter json, ControlPlaneOptions options)
    {
        StaticConfig config = StaticConfig.Empty;
        string? error = null;
        try
        {
            config = StaticConfig.Load(options) ?? config;
        }
        catch (ConfigException failure)
        {
            error = failure.Message; // beside empty lists: the rest of the dump is wanted all the more then
        }

        json.WriteStartObject();
        if (error is not null)
        {
            json.WriteString("error", error);
        }

        json.WritePropertyName("policies");
        PolicyJson.WriteAll(json, config.Policies.Select(static policy => KeyValuePair.Create(policy.Key, policy)));
        json.WritePropertyName("services");
        ServiceJson.WriteDeclared(json, config.Services);
        json.WritePropertyName("workloads");
        WorkloadJson.WriteAll(json, config.Workloads);
        json.WriteEndObject();
    }
}

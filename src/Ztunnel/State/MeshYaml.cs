using System.Globalization;
using Ztunnel.Config;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>Reads the values that workloads, services and policies of a static document have in common.</summary>
internal static class MeshYaml
{
    public static InetAddress Address(YamlValue value) => InetAddress.TryParse(value.AsText(), out InetAddress address)
        ? address
        : throw value.Error($"not an IP address: '{value.AsText()}'");

    public static Cidr Range(YamlValue value) => Cidr.TryParse(value.AsText(), out Cidr range)
        ? range
        : throw value.Error($"not an address range such as 10.0.0.0/8: '{value.AsText()}'");

    public static NetworkAddress Vip(YamlValue value) => NetworkAddress.TryParse(value.AsText(), out NetworkAddress vip)
        ? vip
        : throw value.Error($"must be network/IP (or /IP for the default network), not '{value.AsText()}'");

    public static HealthStatus Status(YamlValue? value) =>
        value?.AsOneOf(("Healthy", HealthStatus.Healthy), ("Unhealthy", HealthStatus.Unhealthy)) ?? HealthStatus.Healthy;

    /// <summary>Keys may be numbers or, since JSON knows no others, their text.</summary>
    public static PortMap Ports(YamlValue value) => PortMap.From(
        value.AsMap().Fields.Select(field => new PortMapping(Port(field.Key), field.Value.AsPort())).ToArray());

    public static GatewayAddress? Gateway(YamlValue? value)
    {
        if (value is null)
        {
            return null;
        }

        YamlMap map = value.AsMap();
        YamlValue destination = map.Required("destination");
        ushort port = map.Required("hboneMtlsPort").AsPort();
        map.RefuseOthers();
        string text = destination.AsText();
        return NetworkAddress.TryParse(text, out NetworkAddress address) ? new GatewayAddress(address, port)
            : NamespacedHostname.TryParse(text, out NamespacedHostname name) ? new GatewayAddress(name, port)
            : throw destination.Error($"must be network/IP or namespace/hostname, not '{text}'");
    }

    private static ushort Port(YamlValue key) =>
        ushort.TryParse(key.AsScalarText(), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? port
            : throw key.Error($"not a port: '{key.AsScalarText()}'");
}

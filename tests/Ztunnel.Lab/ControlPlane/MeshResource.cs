using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ztunnel.Protos.Authorizations;
using Ztunnel.Protos.Secrets;
using Ztunnel.Protos.Workloads;
using MeshAddress = Ztunnel.Protos.Workloads.Address;

namespace Ztunnel.Lab;

/// <summary>One resource as istiod names it: version, aliases and what it belongs to follow from its content.</summary>
/// <param name="TypeUrl">What it is subscribed by.</param>
/// <param name="Name">Unique among its type.</param>
/// <param name="Payload">Null: the resource comes without one, which no client can use.</param>
public sealed record MeshResource(string TypeUrl, string Name, Any? Payload)
{
    private const int VersionBytes = 8; // istiod's is a 64-bit hash

    /// <summary>Equal contents have equal versions; types istiod sends without versions have none.</summary>
    public string Version { get; init; } = "";

    /// <summary>Other names it is found by: <c>network/IP</c>, with prefix length for a range.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Services this workload stands behind: whoever asks for one of them gets the workload too.</summary>
    public IReadOnlyCollection<string> Services { get; init; } = [];

    /// <summary>Of a workload: its proxy gets it whether it asked or not.</summary>
    public string Node { get; init; } = "";

    public static MeshResource Of(Workload workload) => Of(workload.Uid, new MeshAddress { Workload = workload }) with
    {
        Aliases = [.. workload.Addresses.Select(address => AliasOf(workload.Network, address))],
        Services = [.. workload.Services.Keys],
        Node = workload.Node,
    };

    public static MeshResource Of(Service service) =>
        Of($"{service.Namespace}/{service.Hostname}", new MeshAddress { Service = service }) with
        {
            Aliases = [.. service.Addresses.Select(AliasOf)],
        };

    /// <summary>Without a version, as istiod sends policies.</summary>
    public static MeshResource Of(Authorization policy) => new(
        ResourceType.Authorization,
        $"{policy.Namespace}/{policy.Name}",
        Pack(ResourceType.Authorization, policy.ToByteString()));

    public static MeshResource Of(Secret secret)
    {
        ByteString bytes = secret.ToByteString();
        return new MeshResource(ResourceType.Secret, secret.Name, Pack(ResourceType.Secret, bytes))
        {
            Version = VersionOf(bytes),
        };
    }

    /// <summary>The same name with half of its bytes.</summary>
    public MeshResource Truncated() => this with
    {
        Payload = Pack(TypeUrl, ByteString.CopyFrom(Payload!.Value.Span[..(Payload.Value.Length / 2)])),
        Version = Version.Length > 0 ? "truncated" : "",
    };

    public MeshResource WithoutPayload() => this with { Payload = null };

    /// <summary>The same content, whatever object it is in.</summary>
    public bool IsSameAs(MeshResource other) => Name == other.Name && Equals(Payload, other.Payload);

    private static MeshResource Of(string name, MeshAddress address)
    {
        ByteString bytes = address.ToByteString();
        return new MeshResource(ResourceType.Address, name, Pack(ResourceType.Address, bytes))
        {
            Version = VersionOf(bytes),
        };
    }

    private static Any Pack(string typeUrl, ByteString bytes) => new() { TypeUrl = typeUrl, Value = bytes };

    private static string VersionOf(ByteString bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(bytes.Span).AsSpan(0, VersionBytes));

    private static string AliasOf(NetworkAddress address)
    {
        string alias = AliasOf(address.Network, address.Address);
        bool isRange = address.HasLength && address.Length != address.Address.Length * 8;
        return isRange ? $"{alias}/{address.Length}" : alias;
    }

    private static string AliasOf(string network, ByteString address) =>
        $"{network}/{new System.Net.IPAddress(address.Span)}";
}

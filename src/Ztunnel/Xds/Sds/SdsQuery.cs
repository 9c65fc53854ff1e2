using Google.Protobuf;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds.Sds;

/// <summary>What one stream asks for, in both variants of the protocol.</summary>
internal sealed record SdsQuery(Node Node, string TypeUrl, string Name)
{
    // gRPC's code for an invalid argument: what Envoy sends beside the text.
    private const int InvalidArgument = 3;

    /// <summary>First of a state-of-the-world stream.</summary>
    public DiscoveryRequest Subscribe(string version) =>
        new() { Node = Node, TypeUrl = TypeUrl, ResourceNames = { Name }, VersionInfo = version };

    /// <param name="version">The last good one: that of the response, unless it is refused.</param>
    /// <param name="error">Null accepts.</param>
    public DiscoveryRequest Answer(string version, string nonce, string? error)
    {
        DiscoveryRequest request = new()
        {
            TypeUrl = TypeUrl,
            ResourceNames = { Name },
            VersionInfo = version,
            ResponseNonce = nonce,
        };
        if (error is not null)
        {
            request.ErrorDetail = new Status { Code = InvalidArgument, Message = error };
        }

        return request;
    }

    /// <summary>First of a delta stream.</summary>
    /// <param name="version">Known from an earlier stream; empty: nothing is.</param>
    public DeltaDiscoveryRequest SubscribeDelta(string version)
    {
        DeltaDiscoveryRequest request = new() { Node = Node, TypeUrl = TypeUrl, ResourceNamesSubscribe = { Name } };
        if (version.Length > 0)
        {
            request.InitialResourceVersions.Add(Name, version);
        }

        return request;
    }

    public DeltaDiscoveryRequest AnswerDelta(string nonce, string? error)
    {
        DeltaDiscoveryRequest request = new() { TypeUrl = TypeUrl, ResponseNonce = nonce };
        if (error is not null)
        {
            request.ErrorDetail = new Status { Code = InvalidArgument, Message = error };
        }

        return request;
    }
}

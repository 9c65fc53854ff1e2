using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Lab;

/// <summary>
/// A state-of-the-world stream of one type: every response holds all of the names asked for that there are.
/// </summary>
internal sealed class WorldStream(
    LabControlPlane plane, ServerCallContext call, IServerStreamWriter<DiscoveryResponse> responses)
    : DiscoveryStream(call)
{
    private readonly Lock _lock = new();
    private IReadOnlyCollection<string> _names = [];
    private IReadOnlyDictionary<string, MeshResource> _sent = new Dictionary<string, MeshResource>();
    private string _typeUrl = "";
    private bool _owesAnswer;
    private int _nonces;

    public Task RunAsync(IAsyncStreamReader<DiscoveryRequest> requests) => RunAsync(requests, Receive, PushAsync);

    private void Receive(DiscoveryRequest request)
    {
        lock (_lock)
        {
            _typeUrl = request.TypeUrl;
            // An answer that only takes names away is not answered itself.
            _owesAnswer |= request.ResponseNonce.Length == 0 || request.ResourceNames.Except(_names).Any();
            _names = [.. request.ResourceNames];
        }

        if (request.ResponseNonce.Length > 0)
        {
            plane.Record(new PushAnswer("", request.TypeUrl, request.ResponseNonce, request.ErrorDetail?.Message));
        }

        Wake();
    }

    private async Task PushAsync()
    {
        DiscoveryResponse response;
        lock (_lock)
        {
            (long revision, IReadOnlyDictionary<string, MeshResource> world) =
                plane.Store.Some(_typeUrl, _names, node: "");
            if (!_owesAnswer && world.Values.All(IsSent))
            {
                return;
            }

            (_sent, _owesAnswer) = (world, false);
            response = new DiscoveryResponse
            {
                TypeUrl = _typeUrl,
                VersionInfo = $"{revision}",
                Nonce = $"{++_nonces}",
            };
            response.Resources.AddRange(world.Values.Select(resource => resource.Payload).OfType<Any>());
        }

        if (response.Resources.Count > 0) // nothing is said of a secret that is not there
        {
            plane.Record(new Push("", response.TypeUrl, response.Nonce, [.. _sent.Keys], []));
            await responses.WriteAsync(response, Ending);
        }
    }

    private bool IsSent(MeshResource resource) => ReferenceEquals(resource, _sent.GetValueOrDefault(resource.Name));
}

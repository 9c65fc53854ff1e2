using Grpc.Core;
using Ztunnel.Protos.Discovery;
using Status = Grpc.Core.Status;

namespace Ztunnel.Lab;

/// <summary>
/// A delta stream: whatever changed since the last response goes out as one response a type. Nothing waits for an ACK.
/// </summary>
internal sealed class DeltaStream(
    LabControlPlane plane, ServerCallContext call, IServerStreamWriter<DeltaDiscoveryResponse> responses)
    : DiscoveryStream(call)
{
    private const string NodeNameKey = "NODE_NAME";

    private readonly Lock _lock = new();
    private readonly SortedList<(int Order, string TypeUrl), DeltaSubscription> _subscriptions = [];
    private string _node = "";
    private bool _isGreeted;
    private int _nonces;

    public override bool IsOfMesh
    {
        get
        {
            lock (_lock)
            {
                return _subscriptions.Values.Any(type => type.TypeUrl == ResourceType.Address)
                    && _subscriptions.Values.Any(type => type.TypeUrl == ResourceType.Authorization);
            }
        }
    }

    public Task RunAsync(IAsyncStreamReader<DeltaDiscoveryRequest> requests) => RunAsync(requests, Receive, PushAsync);

    public override bool IsSettled(long revision)
    {
        lock (_lock)
        {
            return _subscriptions.Values.All(
                type => !type.HasUnanswered && (type.Revision >= revision || !type.IsWanted));
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return $"{_node}: {string.Join(", ", _subscriptions.Values)}";
        }
    }

    private void Receive(DeltaDiscoveryRequest request)
    {
        Greet(request);
        bool isAnswer = request.ResponseNonce.Length > 0;
        lock (_lock)
        {
            DeltaSubscription subscription = SubscriptionOf(request.TypeUrl);
            if (isAnswer)
            {
                subscription.Answer(request.ResponseNonce);
            }
            else
            {
                subscription.Receive(request);
            }
        }

        if (isAnswer)
        {
            plane.Record(new PushAnswer(_node, request.TypeUrl, request.ResponseNonce, request.ErrorDetail?.Message));
        }
        else
        {
            plane.Record(new StreamRequest(Call.RequestHeaders, request));
            Wake();
        }
    }

    private void Greet(DeltaDiscoveryRequest request)
    {
        if (_isGreeted)
        {
            return;
        }

        if (request.Node is not { Id.Length: > 0 } node)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "missing node information"));
        }

        _node = node.Metadata?.Fields.GetValueOrDefault(NodeNameKey)?.StringValue ?? "";
        _isGreeted = true;
    }

    private DeltaSubscription SubscriptionOf(string typeUrl)
    {
        (int, string) key = (ResourceType.OrderOf(typeUrl), typeUrl);
        if (!_subscriptions.TryGetValue(key, out DeltaSubscription? subscription))
        {
            _subscriptions[key] = subscription = new DeltaSubscription(typeUrl, _node);
        }

        return subscription;
    }

    private async Task PushAsync()
    {
        List<DeltaDiscoveryResponse> due;
        lock (_lock)
        {
            due = [.. _subscriptions.Values.Select(type => type.Next(plane.Store)).OfType<DeltaDiscoveryResponse>()];
            due.ForEach(Expect); // all of them before the first is sent: settled is when all are answered
        }

        foreach (DeltaDiscoveryResponse response in due)
        {
            Func<DeltaDiscoveryResponse, Task> send = WriteAsync;
            foreach (Fault fault in plane.Faults().Reverse())
            {
                Func<DeltaDiscoveryResponse, Task> next = send;
                send = each => fault.OnPushAsync(each, next, this);
            }

            await send(response);
        }

        plane.Changed();
    }

    private Task WriteAsync(DeltaDiscoveryResponse response)
    {
        lock (_lock)
        {
            if (response.Nonce.Length == 0) // a fault's
            {
                Expect(response);
            }
        }

        plane.Record(new Push(
            _node,
            response.TypeUrl,
            response.Nonce,
            [.. response.Resources.Select(resource => resource.Name)],
            [.. response.RemovedResources]));
        return responses.WriteAsync(response, Ending);
    }

    private void Expect(DeltaDiscoveryResponse response)
    {
        response.Nonce = $"{++_nonces}";
        SubscriptionOf(response.TypeUrl).Expect(response.Nonce);
    }
}

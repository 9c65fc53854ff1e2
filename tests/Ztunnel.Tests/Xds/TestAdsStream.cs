using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Tests.Xds;

/// <summary>The server's end of one stream, in the hands of a test.</summary>
internal sealed class TestAdsStream(
    IAsyncStreamReader<DeltaDiscoveryRequest> requests,
    IServerStreamWriter<DeltaDiscoveryResponse> responses,
    ServerCallContext context)
{
    /// <summary>No test waits longer than this for what must come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Metadata Headers => context.RequestHeaders;

    public Task Ended => _ended.Task;

    public async Task<DeltaDiscoveryRequest> ReceiveAsync()
    {
        Assert.True(await requests.MoveNext(context.CancellationToken).WaitAsync(Patience), "the client has ended");
        return requests.Current;
    }

    public Task SendAsync(DeltaDiscoveryResponse response) => responses.WriteAsync(response);

    /// <summary>Sends and returns the answer.</summary>
    public async Task<DeltaDiscoveryRequest> PushAsync(DeltaDiscoveryResponse response)
    {
        await SendAsync(response);
        DeltaDiscoveryRequest answer = await ReceiveAsync();
        Assert.Equal((response.TypeUrl, response.Nonce), (answer.TypeUrl, answer.ResponseNonce));
        return answer;
    }

    /// <summary>The initial requests, both answered with nothing.</summary>
    public async Task<(DeltaDiscoveryRequest Addresses, DeltaDiscoveryRequest Policies)> GreetAsync()
    {
        (DeltaDiscoveryRequest, DeltaDiscoveryRequest) initial = (await ReceiveAsync(), await ReceiveAsync());
        await PushAsync(WireMesh.Addresses("greeting 1"));
        await PushAsync(WireMesh.Policies("greeting 2"));
        return initial;
    }

    public void End() => _ended.TrySetResult();

    public void End(StatusCode code, string message) =>
        _ended.TrySetException(new RpcException(new Grpc.Core.Status(code, message)));

    /// <summary>Half of a message, then nothing: the connection is gone.</summary>
    public async Task DieInAPushAsync()
    {
        await SendRawAsync(new byte[100], claimedLength: 10_000);
        context.GetHttpContext().Abort();
    }

    /// <summary>A whole message of gRPC that is no response.</summary>
    public Task SendGarbageAsync() => SendRawAsync([0x0A, 0xFF, 0xFF], claimedLength: 3);

    private async Task SendRawAsync(byte[] bytes, int claimedLength)
    {
        PipeWriter body = context.GetHttpContext().Response.BodyWriter;
        byte[] frame = new byte[5 + bytes.Length]; // not compressed, then the length
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), claimedLength);
        bytes.CopyTo(frame, 5);
        await body.WriteAsync(frame);
        await body.FlushAsync();
    }
}

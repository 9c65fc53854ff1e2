using System.Buffers;
using System.Diagnostics;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Ztunnel.ControlPlane;
using Ztunnel.Protos.Discovery;
using Ztunnel.Telemetry;

namespace Ztunnel.Xds;

/// <summary>One stream to the control plane, from the connection attempt to its end.</summary>
internal sealed class XdsStream(
    XdsClientOptions options,
    ControlPlaneChannel channel,
    XdsMethod method,
    XdsRequests requests,
    XdsIntake intake,
    ILogger logger)
{
    private const int LargeMessage = 4 * 1024 * 1024;

    private readonly Dictionary<string, Task> _sweeps = new(StringComparer.Ordinal); // by type
    private long _firstResponse; // 0: none yet

    private TimeSpan Lived => _firstResponse == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_firstResponse);

    /// <param name="established">With the first response: headers alone may also bring nothing but an error.</param>
    /// <exception cref="OperationCanceledException">This node is stopping.</exception>
    public async Task<XdsStreamEnd> RunAsync(Action established, CancellationToken stopping)
    {
        try
        {
            Metadata headers = await options.Headers.ReadAsync(stopping);
            method.Answer = response => Answer(response, established);
            using AsyncDuplexStreamingCall<DeltaDiscoveryRequest, XdsAnswer> call = channel.Get().CreateCallInvoker()
                .AsyncDuplexStreamingCall(method.Delta, host: null, new CallOptions(headers, cancellationToken: stopping));
            await ExchangeAsync(call, stopping);
            return new XdsStreamEnd(XdsTermination.Complete, "", Lived);
        }
        catch (ControlPlaneException failure)
        {
            return new XdsStreamEnd(XdsTermination.Error, failure.Message, Lived);
        }
        catch (RpcException failure) when (stopping.IsCancellationRequested)
        {
            throw new OperationCanceledException(failure.Message, failure, stopping);
        }
        catch (RpcException failure)
        {
            return new XdsStreamEnd(
                RpcFailure.Classify(failure, hadResponse: _firstResponse != 0),
                RpcFailure.Describe(options.Endpoint.Address, failure),
                Lived)
            {
                IsRequestTooLarge = RpcFailure.IsRequestTooLarge(failure, hadResponse: _firstResponse != 0),
            };
        }
    }

    private DeltaDiscoveryRequest Answer(XdsResponse response, Action established)
    {
        if (_firstResponse == 0)
        {
            _firstResponse = Stopwatch.GetTimestamp();
            established();
        }

        return intake.Answer(response, logger);
    }

    private async Task ExchangeAsync(
        AsyncDuplexStreamingCall<DeltaDiscoveryRequest, XdsAnswer> call, CancellationToken stopping)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task sending = SendAsync(call.RequestStream, requests.Open(), stopping);
        try
        {
            while (await call.ResponseStream.MoveNext(stopping))
            {
                DropBuffer(call.ResponseStream.Current.ResponseLength);
                DeltaDiscoveryRequest answer = call.ResponseStream.Current.Get();
                requests.Send(answer);
                if (intake.HasUnconfirmed(answer.TypeUrl) && !_sweeps.ContainsKey(answer.TypeUrl))
                {
                    _sweeps.Add(answer.TypeUrl, SweepAsync(answer.TypeUrl, over.Token));
                }
            }
        }
        finally
        {
            requests.Close();
            call.Dispose(); // ends a write that waits for a server which reads no more
            await over.CancelAsync();
            await Task.WhenAll([sending, .. _sweeps.Values]);
        }
    }

    // The library has just given the message's buffer back to the pool of this thread, which would keep it until garbage is
    // collected twice, half a minute apart; of a large mesh it is half as large as all that was made of it.
    private static void DropBuffer(int length)
    {
        if (length >= LargeMessage)
        {
            _ = ArrayPool<byte>.Shared.Rent(length);
        }
    }

    private async Task SweepAsync(string typeUrl, CancellationToken over)
    {
        try
        {
            await Task.Delay(options.SweepAfter, over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return; // the next stream begins anew
        }

        intake.Sweep(typeUrl, logger);
    }

    private async Task SendAsync(
        IClientStreamWriter<DeltaDiscoveryRequest> stream,
        ChannelReader<DeltaDiscoveryRequest> outbox,
        CancellationToken stopping)
    {
        try
        {
            await foreach (DeltaDiscoveryRequest request in outbox.ReadAllAsync(stopping))
            {
                await stream.WriteAsync(request, stopping);
            }
        }
        catch (Exception failure)
            when (failure is RpcException or InvalidOperationException or OperationCanceledException)
        {
            logger.SendingEnded(failure.Message); // the call is over, and the receiving half reports why
        }
    }
}

using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Ztunnel.Protos;
using Ztunnel.Protos.Discovery;
using Ztunnel.Protos.Secrets;
using Ztunnel.Telemetry;

namespace Ztunnel.Xds.Sds;

/// <summary>One secret of one server: asked for again, with a pause, whenever the stream ends.</summary>
internal sealed class SdsStream : IDisposable
{
    private readonly SdsClient _client;
    private readonly SecretDiscoveryService.SecretDiscoveryServiceClient _server;
    private readonly SdsQuery _query;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly XdsBackoff _backoff = new(Random.Shared);
    private string _version = "";
    private long _firstResponse;
    private Task _running = Task.CompletedTask;

    private SdsStream(SdsClient client, GrpcChannel channel, SdsQuery query, TimeProvider time, ILogger logger)
    {
        (_client, _query, _time, _logger) = (client, query, time, logger);
        _server = new SecretDiscoveryService.SecretDiscoveryServiceClient(channel);
    }

    public static SdsStream Start(
        SdsClient client, GrpcChannel channel, SdsQuery query, TimeProvider time, ILogger logger)
    {
        SdsStream stream = new(client, channel, query, time, logger);
        stream._running = Task.Run(stream.RunAsync);
        return stream;
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        Dispose();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            string? failure = await RunOnceAsync();
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            TimeSpan pause = _backoff.After(
                failure is null ? XdsTermination.Complete : XdsTermination.Error,
                _firstResponse == 0 ? TimeSpan.Zero : _time.GetElapsedTime(_firstResponse));
            if (failure is null)
            {
                _logger.StreamEnded(_query.Name, _client.SocketPath, pause);
            }
            else
            {
                _logger.StreamFailed(_query.Name, _client.SocketPath, failure, pause);
            }

            await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Null when the server ended the stream in good order.</returns>
    private async Task<string?> RunOnceAsync()
    {
        _firstResponse = 0;
        try
        {
            await (_client.IsDeltaOnly ? DeltaAsync() : StateOfTheWorldAsync());
            return null;
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented && !_client.IsDeltaOnly)
        {
            _client.OnDeltaOnly();
            return failure.Status.Detail;
        }
        catch (RpcException failure)
        {
            return $"{failure.StatusCode}: {failure.Status.Detail}";
        }
        catch (InvalidOperationException) // the call was complete before the answer was written
        {
            return null;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception failure) // nobody awaits this stream: whatever it was is told, and it is asked again
        {
            return failure.Message;
        }
    }

    private async Task StateOfTheWorldAsync()
    {
        using AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse> call =
            _server.StreamSecrets(cancellationToken: _stopping.Token);
        await call.RequestStream.WriteAsync(_query.Subscribe(_version), _stopping.Token);
        await foreach (DiscoveryResponse response in call.ResponseStream.ReadAllAsync(_stopping.Token))
        {
            OnResponse();
            string? error = response.TypeUrl == _query.TypeUrl
                ? Take(response)
                : $"{response.TypeUrl} was not asked for";
            _version = error is null ? response.VersionInfo : _version;
            await call.RequestStream.WriteAsync(_query.Answer(_version, response.Nonce, error), _stopping.Token);
        }
    }

    private async Task DeltaAsync()
    {
        using AsyncDuplexStreamingCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call =
            _server.DeltaSecrets(cancellationToken: _stopping.Token);
        await call.RequestStream.WriteAsync(_query.SubscribeDelta(_version), _stopping.Token);
        await foreach (DeltaDiscoveryResponse response in call.ResponseStream.ReadAllAsync(_stopping.Token))
        {
            OnResponse();
            string? error = response.TypeUrl == _query.TypeUrl
                ? Take(response)
                : $"{response.TypeUrl} was not asked for";
            await call.RequestStream.WriteAsync(_query.AnswerDelta(response.Nonce, error), _stopping.Token);
        }
    }

    private void OnResponse() => _firstResponse = _firstResponse == 0 ? _time.GetTimestamp() : _firstResponse;

    // The whole world is this one name: a response without it says that it is not there.
    private string? Take(DiscoveryResponse response)
    {
        foreach (Any resource in response.Resources)
        {
            if (response.Resources.Count == 1)
            {
                return Take(resource, response.VersionInfo);
            }

            if (!resource.Is(Secret.Descriptor))
            {
                continue;
            }

            if (!MessageReader.TryParse(Secret.Parser, resource.Value.Span, out Secret? secret, out string trouble))
            {
                return $"{_query.Name}: decode: {trouble}"; // whose it is cannot be known: not that it is not there
            }

            if (secret.Name == _query.Name)
            {
                return Take(resource, response.VersionInfo);
            }
        }

        _client.OnRemoved(_query.Name);
        return null;
    }

    private string? Take(DeltaDiscoveryResponse response)
    {
        string? error = null;
        foreach (Resource resource in response.Resources.Where(resource => resource.Name == _query.Name))
        {
            error = resource.Resource_ is { } payload
                ? Take(payload, resource.Version)
                : $"{resource.Name}: XDS payload without resource";
            _version = error is null ? resource.Version : _version;
        }

        if (response.RemovedResources.Contains(_query.Name))
        {
            _version = "";
            _client.OnRemoved(_query.Name);
        }

        return error;
    }

    private string? Take(Any resource, string version)
    {
        string? error = resource.TypeUrl == _query.TypeUrl
            ? _client.OnResource(_query.Name, version, resource.Value)
            : $"it is a {resource.TypeUrl}";
        return error is null ? null : $"{_query.Name}: {error}";
    }
}

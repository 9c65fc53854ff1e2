using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ztunnel.Certificates.Secrets;
using Ztunnel.Protos.Discovery;
using Ztunnel.Protos.Secrets;
using Status = Grpc.Core.Status;

namespace Ztunnel.Tests.Xds.Sds;

/// <summary>A secret server on a unix socket: every request is the test's to see, every response the test's to send.</summary>
internal sealed class TestSecretServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sds").FullName;
    private readonly WebApplication _application;
    private readonly Channel<WorldCall> _world = Channel.CreateUnbounded<WorldCall>();
    private readonly Channel<DeltaCall> _delta = Channel.CreateUnbounded<DeltaCall>();

    private TestSecretServer()
    {
        SocketPath = Path.Combine(_folder, "socket");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(
            SocketPath, static listen => listen.Protocols = HttpProtocols.Http2));
        _application = builder.Build();
        _application.MapGrpcService<Service>();
    }

    public string SocketPath { get; }

    /// <summary>Answer Unimplemented to <c>StreamSecrets</c>.</summary>
    public bool IsDeltaOnly { get; init; }

    public static async Task<TestSecretServer> StartAsync(bool isDeltaOnly = false)
    {
        TestSecretServer server = new() { IsDeltaOnly = isDeltaOnly };
        await server._application.StartAsync();
        return server;
    }

    public async Task<WorldCall> NextWorldCallAsync() =>
        await _world.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    public async Task<DeltaCall> NextDeltaCallAsync() =>
        await _delta.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    public static Any Pack(string content) =>
        new() { TypeUrl = SecretType.Url, Value = ByteString.CopyFromUtf8(content) };

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>One open stream.</summary>
    internal abstract class Call<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses)
        where TRequest : class
    {
        private readonly TaskCompletionSource<Status> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<Status> Ended => _end.Task;

        public async Task<TRequest> NextAsync()
        {
            Assert.True(await requests.MoveNext().WaitAsync(TimeSpan.FromSeconds(10)));
            return requests.Current;
        }

        public Task SendAsync(TResponse response) => responses.WriteAsync(response);

        public void End(StatusCode code, string detail) => _end.TrySetResult(new Status(code, detail));
    }

    internal sealed class WorldCall(
        IAsyncStreamReader<DiscoveryRequest> requests, IServerStreamWriter<DiscoveryResponse> responses)
        : Call<DiscoveryRequest, DiscoveryResponse>(requests, responses);

    internal sealed class DeltaCall(
        IAsyncStreamReader<DeltaDiscoveryRequest> requests, IServerStreamWriter<DeltaDiscoveryResponse> responses)
        : Call<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(requests, responses);

    private sealed class Service(TestSecretServer server) : SecretDiscoveryService.SecretDiscoveryServiceBase
    {
        public override async Task StreamSecrets(
            IAsyncStreamReader<DiscoveryRequest> requestStream,
            IServerStreamWriter<DiscoveryResponse> responseStream,
            ServerCallContext context)
        {
            if (server.IsDeltaOnly)
            {
                throw new RpcException(new Status(StatusCode.Unimplemented, "delta only"));
            }

            WorldCall call = new(requestStream, responseStream);
            await server._world.Writer.WriteAsync(call);
            await EndAsync(call.Ended, context);
        }

        public override async Task DeltaSecrets(
            IAsyncStreamReader<DeltaDiscoveryRequest> requestStream,
            IServerStreamWriter<DeltaDiscoveryResponse> responseStream,
            ServerCallContext context)
        {
            DeltaCall call = new(requestStream, responseStream);
            await server._delta.Writer.WriteAsync(call);
            await EndAsync(call.Ended, context);
        }

        private static async Task EndAsync(Task<Status> ended, ServerCallContext context)
        {
            Status status = await ended.WaitAsync(context.CancellationToken);
            if (status.StatusCode != StatusCode.OK)
            {
                throw new RpcException(status);
            }
        }
    }
}

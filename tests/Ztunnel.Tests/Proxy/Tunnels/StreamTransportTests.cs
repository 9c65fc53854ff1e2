using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Linux;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>A stream as what another tunnel lies on, before one does.</summary>
public sealed class StreamTransportTests : IDisposable
{
    private const int Burst = 1024 * 1024;

    private readonly TunnelLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task OnReset_WithBytesNobodyTook_GivesThemBackToTheTunnel()
    {
        await _lab.ConnectAsync();
        List<int> allowances = [];
        _lab.ServerOwner.Requested = (tunnel, stream, _) =>
        {
            tunnel.Core.Respond(stream, 200, baggage: null, endStream: false);
            allowances.Add(tunnel.Core.SendAllowance(stream));
            if (allowances[^1] >= Burst)
            {
                tunnel.Core.QueueData(stream, new byte[Burst], endStream: false);
            }

            tunnel.Core.Reset(stream, Http2ErrorCode.InternalError);
            tunnel.OnOutput();
        };

        for (int round = 0; round < 40; round++) // more than twice the connection's window
        {
            Caller caller = new();
            await _lab.Run(() =>
            {
                caller.Transport = new StreamTransport(_lab.Client, caller);
                _lab.Client.Open(caller.Transport, new ConnectRequest
                {
                    Authority = "a:1",
                    Baggage = "",
                    Forwarded = "for=\"10.0.0.2:1\"",
                    TraceParent = new TraceParent(1, 2),
                });
            });
            await caller.Lost.Task.WaitAsync(TestWorker.Patience);
        }

        Assert.Equal(40, allowances.Count);
        Assert.All(allowances, allowance => Assert.InRange(allowance, Burst, int.MaxValue));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnReset_Refused_IsUnseenUnlessItWasAnswered(bool isAnswered)
    {
        await _lab.ConnectAsync();
        _lab.ServerOwner.Requested = (tunnel, stream, _) =>
        {
            if (isAnswered)
            {
                tunnel.Core.Respond(stream, 200, baggage: null, endStream: false);
            }

            tunnel.Core.Reset(stream, Http2ErrorCode.RefusedStream);
            tunnel.OnOutput();
        };
        Caller caller = new();
        await _lab.Run(() =>
        {
            caller.Transport = new StreamTransport(_lab.Client, caller);
            _lab.Client.Open(caller.Transport, new ConnectRequest
            {
                Authority = "a:1",
                Baggage = "",
                Forwarded = "for=\"10.0.0.2:1\"",
                TraceParent = new TraceParent(1, 2),
            });
        });
        await caller.Lost.Task.WaitAsync(TestWorker.Patience);

        Assert.Equal(!isAnswered, caller.WasUnseen);
    }

    private sealed class Caller : IStreamCaller
    {
        public StreamTransport Transport { get; set; } = null!;

        public bool WasUnseen { get; private set; }

        public TaskCompletionSource Lost { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnResponse(Http2Response response)
        {
        }

        public void OnNotOpened(string error, ResponseFlag flag, bool isUnseen)
        {
            WasUnseen = isUnseen;
            Transport.Close();
            Lost.SetResult();
        }
    }
}

using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class ConnectTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task ConnectAsync_ServerListens_SucceedsOnTheWorker()
    {
        using TestWorker test = new();

        await test.Run(async worker =>
        {
            using TcpSocket listener = Listen();
            using TcpSocket socket = TcpSocket.Create(v6: false);

            IoResult result = await socket.ConnectAsync(
                worker, listener.LocalEndpoint(), s_timeout, CancellationToken.None);

            Assert.True(result.IsOk, result.Text);
            Assert.Same(worker, Worker.Current);
            worker.Forget(socket);
        });
    }

    [Fact]
    public async Task ConnectAsync_NobodyListens_GivesTheKernelsAnswer()
    {
        using TestWorker test = new();

        await test.Run(async worker =>
        {
            TcpSocket gone = Listen();
            InetEndpoint closed = gone.LocalEndpoint();
            gone.Dispose();
            using TcpSocket socket = TcpSocket.Create(v6: false);

            IoResult result = await socket.ConnectAsync(worker, closed, s_timeout, CancellationToken.None);

            Assert.Equal("Connection refused (os error 111)", result.Text);
        });
    }

    [Fact]
    public async Task ConnectAsync_ServerSilent_TimesOut()
    {
        using TestWorker test = new();

        await test.Run(async worker =>
        {
            using FullBacklog full = new();
            using TcpSocket socket = TcpSocket.Create(v6: false);

            IoResult result = await socket.ConnectAsync(
                worker, full.Endpoint, TimeSpan.FromMilliseconds(30), CancellationToken.None);

            Assert.Equal(Errno.ETIMEDOUT, result.Errno);
        });
    }

    [Fact]
    public async Task ConnectAsync_CancelledElsewhere_EndsOnTheWorker()
    {
        using TestWorker test = new();
        using CancellationTokenSource cancellation = new();

        await test.Run(async worker =>
        {
            using FullBacklog full = new();
            using TcpSocket socket = TcpSocket.Create(v6: false);

            ValueTask<IoResult> connecting = socket.ConnectAsync(worker, full.Endpoint, s_timeout, cancellation.Token);
            _ = Task.Run(cancellation.Cancel);
            IoResult result = await connecting;

            Assert.Equal(Errno.ECANCELED, result.Errno);
            Assert.Same(worker, Worker.Current);
        });
    }

    [Fact]
    public async Task ConnectAsync_CancelledBefore_DoesNotEvenTry()
    {
        using TestWorker test = new();

        await test.Run(async worker =>
        {
            using TcpSocket socket = TcpSocket.Create(v6: false);

            IoResult result = await socket.ConnectAsync(
                worker, new InetEndpoint(InetAddress.LoopbackV4, 1), s_timeout, new CancellationToken(canceled: true));

            Assert.Equal(Errno.ECANCELED, result.Errno);
        });
    }

    [Fact]
    public async Task Replace_ServerSpokeFirst_NewHandlerHearsOfIt()
    {
        using TestWorker test = new();

        await test.Run(async worker =>
        {
            using TcpSocket listener = Listen();
            using TcpSocket socket = TcpSocket.Create(v6: false);
            await socket.ConnectAsync(worker, listener.LocalEndpoint(), s_timeout, CancellationToken.None);
            using TcpSocket accepted = listener.Accept(out _, out _)!;
            accepted.Send("220 ready"u8);
            while (socket.Receive(default(Span<byte>)).WouldBlock)
            {
            }

            await Turn(worker); // the edge is gone
            await Turn(worker);
            Listener speaker = new();
            worker.Replace(socket, speaker);

            Assert.NotEqual(EpollEvents.None, await speaker.Heard.Task & EpollEvents.In);
            worker.Forget(socket);
        });
    }

    private static Task Turn(Worker worker)
    {
        TaskCompletionSource next = new();
        worker.Schedule(TimeSpan.Zero, _ => next.SetResult(), null);
        return next.Task;
    }

    private static TcpSocket Listen() =>
        TcpSocket.Listen(new InetEndpoint(InetAddress.LoopbackV4, 0), 8, _ => { });

    private sealed class Listener : IEpollHandler
    {
        public TaskCompletionSource<EpollEvents> Heard { get; } = new();

        public TurnAccount Account { get; } = new("listener");

        public void OnEvents(EpollEvents events) => Heard.TrySetResult(events);
    }

    /// <summary>A listener that accepts nobody and whose queue is full: the kernel drops every further SYN.</summary>
    private sealed class FullBacklog : IDisposable
    {
        private readonly TcpSocket _listener =
            TcpSocket.Listen(new InetEndpoint(InetAddress.LoopbackV4, 0), 0, _ => { });

        private readonly List<TcpSocket> _waiting = [];

        public FullBacklog()
        {
            Endpoint = _listener.LocalEndpoint();
            for (int i = 0; i < 4; i++)
            {
                TcpSocket socket = TcpSocket.Create(v6: false);
                socket.Connect(Endpoint);
                _waiting.Add(socket);
            }
        }

        public InetEndpoint Endpoint { get; }

        public void Dispose()
        {
            _waiting.ForEach(socket => socket.Dispose());
            _listener.Dispose();
        }
    }
}

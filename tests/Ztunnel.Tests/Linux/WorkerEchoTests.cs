using System.Net;
using System.Net.Sockets;
using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class WorkerEchoTests
{
    [Fact]
    public async Task Echo_ManyConnections_EveryByteComesBack()
    {
        using TestWorker test = new();
        TurnAccount account = new("all");
        EchoListener listener = await test.Run(worker => Task.FromResult(new EchoListener(worker, () => account)));

        await Task.WhenAll(Enumerable.Range(0, 40).Select(seed => ExchangeAsync(listener.Endpoint, seed, 100_000)));

        Assert.True(test.Worker.Events > 40);
        Assert.True(test.Worker.BusyTicks > 0);
        Assert.True(account.TotalTicks > 0);
        await test.Run(_ => listener.Dispose());
    }

    [Fact]
    public async Task Echo_BusyAccountsBesides_NoEventIsLost()
    {
        using TestWorker test = new();
        int count = 0;
        EchoListener listener = await test.Run(worker =>
            Task.FromResult(new EchoListener(worker, () => new TurnAccount($"peer-{count++}"))));
        await test.Run(worker =>
        {
            TurnAccount hog = new("hog");
            for (int i = 0; i < 100; i++)
            {
                worker.Continue(new Hog(worker, hog));
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 20).Select(seed => ExchangeAsync(listener.Endpoint, seed, 50_000)));

        Assert.True(test.Worker.Deferrals > 1000);
        await test.Run(_ => listener.Dispose());
    }

    [Fact]
    public async Task Forget_BetweenFetchAndDelivery_DescriptorsNextOwnerSeesNothing()
    {
        using TestWorker test = new();

        await test.Run(async worker =>
        {
            // Both become ready in one batch; whichever runs first closes the other, whose number is the lowest free
            // one, so the next socket's (unless another test takes it meanwhile).
            (TcpSocket first, TcpSocket firstPeer) = SocketPair.Connect();
            (TcpSocket second, TcpSocket secondPeer) = SocketPair.Connect();
            (TcpSocket heir, TcpSocket heirPeer) = (null!, null!);
            Counter heard = new();
            TaskCompletionSource closed = new();
            void Supplant(TcpSocket victim)
            {
                closed.SetResult();
                worker.Forget(victim);
                victim.Dispose();
                (heir, heirPeer) = SocketPair.Connect();
                worker.Watch(heir, EpollEvents.In | EpollEvents.EdgeTriggered, heard);
                worker.Watch(heirPeer, EpollEvents.In | EpollEvents.EdgeTriggered, heard);
            }

            worker.Watch(first, EpollEvents.In, new Reaction(() => Supplant(second)));
            worker.Watch(second, EpollEvents.In, new Reaction(() => Supplant(first)));
            firstPeer.Send("x"u8);
            secondPeer.Send("x"u8);
            await closed.Task;
            TaskCompletionSource later = new();
            worker.Schedule(TimeSpan.FromMilliseconds(1), _ => later.SetResult(), null);
            TcpSocket survivor = first.IsClosed ? second : first;
            worker.Forget(survivor);
            survivor.Dispose();
            await later.Task;

            Assert.Equal(0, heard.Count);
            worker.Forget(heir);
            worker.Forget(heirPeer);
            Array.ForEach([heir, heirPeer, firstPeer, secondPeer], socket => socket.Dispose());
        });
    }

    private static async Task ExchangeAsync(InetEndpoint endpoint, int seed, int size)
    {
        byte[] sent = new byte[size];
        new Random(seed).NextBytes(sent);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(endpoint.Address.ToIPAddress(), endpoint.Port));
        byte[] received = new byte[size];
        int done = 0;
        for (int at = 0; at < size; at += 5000)
        {
            int length = Math.Min(5000, size - at);
            await socket.SendAsync(sent.AsMemory(at, length));
            while (done < at + length)
            {
                int read = await socket.ReceiveAsync(received.AsMemory(done)).AsTask().WaitAsync(TestWorker.Patience);
                Assert.NotEqual(0, read);
                done += read;
            }
        }

        Assert.Equal(sent, received);
    }

    private sealed class Hog(Worker worker, TurnAccount account) : IContinuation
    {
        public TurnAccount Account => account;

        public void Continue()
        {
            Thread.SpinWait(200);
            worker.Continue(this);
        }
    }

    private sealed class Counter : IEpollHandler
    {
        public int Count { get; private set; }

        public TurnAccount Account { get; } = new("counter");

        public void OnEvents(EpollEvents events) => Count++;
    }

    private sealed class Reaction(Action action) : IEpollHandler
    {
        private bool _reacted;

        public TurnAccount Account { get; } = new("reaction");

        public void OnEvents(EpollEvents events)
        {
            if (!_reacted)
            {
                _reacted = true;
                action();
            }
        }
    }
}

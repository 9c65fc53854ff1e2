using Ztunnel.Linux;
using Ztunnel.Proxy.Relay;
using Ztunnel.Tests.Linux;

namespace Ztunnel.Tests.Proxy.Relay;

/// <summary>With a patience of milliseconds, so that the clock has something to say.</summary>
public sealed class RelayAgeTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    private readonly TestWorker _thread = new();
    private readonly Aging _relay = new();

    public void Dispose() => _thread.Dispose();

    [Fact]
    public async Task OnDue_NotHalfClosed_IsNeverTooOld()
    {
        await Begin();

        Assert.False(await _relay.NextAsync());
        await _thread.Run(_ => Assert.False(_relay.Age.OnDue()));
    }

    [Fact]
    public async Task OnDue_HalfClosedAndSilent_IsTooOldAfterThePatience()
    {
        await Begin();
        await _thread.Run(_ => _relay.Age.OnHalfClosed());

        bool isOver;
        do // the first look may come before it has been silent for long enough
        {
            isOver = await _relay.NextAsync();
        }
        while (!isOver);
        Assert.True(Environment.TickCount64 - _relay.Start >= s_patience.TotalMilliseconds);
    }

    [Fact]
    public async Task Cancel_BeforeItIsDue_IsNeverCalled()
    {
        await Begin();
        await _thread.Run(_ => _relay.Age.Cancel());
        TaskCompletionSource later = new();
        await _thread.Run(worker => worker.Schedule(s_patience * 2, _ => later.SetResult(), null));

        await later.Task.WaitAsync(TestWorker.Patience);

        Assert.Equal(0, _relay.Calls);
    }

    private Task Begin() => _thread.Run(worker =>
    {
        _relay.Start = Environment.TickCount64;
        _relay.Age.Begin(worker, s_patience, static relay => ((Aging)relay!).OnAged(), _relay);
    });

    private sealed class Aging
    {
        private readonly System.Threading.Channels.Channel<bool> _verdicts =
            System.Threading.Channels.Channel.CreateUnbounded<bool>();

        public RelayAge Age; // a field: a mutable struct, changed in place as in a relay

        public long Start { get; set; }

        public int Calls { get; private set; }

        public void OnAged()
        {
            Calls++;
            _verdicts.Writer.TryWrite(Age.OnDue());
        }

        public Task<bool> NextAsync() => _verdicts.Reader.ReadAsync().AsTask().WaitAsync(TestWorker.Patience);
    }
}

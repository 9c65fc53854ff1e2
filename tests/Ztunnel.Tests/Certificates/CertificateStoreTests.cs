using Ztunnel.Certificates;
using Ztunnel.Identity;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Certificates;

public sealed class CertificateStoreTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly SpiffeId s_cart = StoreFixture.Id("cart");

    private readonly StoreFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task GetAsync_ManyAtOnce_ShareOneRequest()
    {
        Task<WorkloadTls>[] waiting = [.. Enumerable.Range(0, 20).Select(_ => _fixture.GetAsync(s_cart))];
        (await _fixture.Authority.NextCallAsync()).Sign();

        WorkloadTls[] all = await Task.WhenAll(waiting).WaitAsync(s_patience);

        Assert.All(all, tls => Assert.Same(all[0], tls));
        Assert.Equal(s_cart, all[0].Identity);
        Assert.Equal(0, _fixture.Authority.WaitingCalls);
    }

    [Fact]
    public async Task GetAsync_Available_IsSynchronousAndAllocatesNothing()
    {
        WorkloadTls tls = await _fixture.ObtainAsync(s_cart);
        bool same = true;
        for (int warmUp = 0; warmUp < 100; warmUp++)
        {
            same &= ReferenceEquals(tls, await Get()); // complete, so this stays on its thread
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            same &= ReferenceEquals(tls, await Get());
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(same);

        ValueTask<WorkloadTls> Get() =>
            _fixture.Store.GetAsync(s_cart, CertificatePriority.RealTime, CancellationToken.None);
    }

    [Fact]
    public async Task GetAsync_MoreThanEight_AreAskedForEightAtATimeHighestFirst()
    {
        for (int i = 0; i < 8; i++)
        {
            _fixture.Store.Prefetch(StoreFixture.Id($"busy-{i}"));
        }

        GatedAuthority.Call[] calls = new GatedAuthority.Call[8];
        for (int i = 0; i < 8; i++)
        {
            calls[i] = await _fixture.Authority.NextCallAsync();
        }

        _fixture.Store.Prefetch(StoreFixture.Id("later"));
        Task<WorkloadTls> urgent = _fixture.GetAsync(StoreFixture.Id("urgent"));
        Assert.Equal(0, _fixture.Authority.WaitingCalls);
        calls[3].Sign();

        GatedAuthority.Call ninth = await _fixture.Authority.NextCallAsync();
        Assert.Equal("urgent", ninth.Identity.ServiceAccount);
        ninth.Sign();
        await urgent.WaitAsync(s_patience);
        Assert.Equal("later", (await _fixture.Authority.NextCallAsync()).Identity.ServiceAccount);
    }

    [Fact]
    public async Task Refresh_HalfOfTheLife_ReplacesTheCertificate()
    {
        WorkloadTls first = await _fixture.ObtainAsync(s_cart);
        _fixture.Clock.Advance(StoreFixture.Lifetime * 0.44);
        Assert.Equal(0, _fixture.Authority.WaitingCalls); // jitter starts at 0.45

        GatedAuthority.Call call = await _fixture.AdvanceToNextCallAsync(StoreFixture.Lifetime * 0.07);
        Assert.Same(first, await _fixture.GetAsync(s_cart));
        call.Sign();

        WorkloadTls second = await ChangedAsync(first);
        Assert.NotSame(first, second);
    }

    [Fact]
    public async Task GetAsync_Refused_FailsAtOnceUntilTheRetrySucceeds()
    {
        Task<WorkloadTls> waiting = _fixture.GetAsync(s_cart);
        (await _fixture.Authority.NextCallAsync()).Refuse("signing gRPC error (Unauthenticated): no");
        CertificateException failure =
            await Assert.ThrowsAsync<CertificateException>(() => waiting.WaitAsync(s_patience));
        Assert.Equal("signing gRPC error (Unauthenticated): no", failure.Message);

        Assert.Equal(
            failure.Message, (await Assert.ThrowsAsync<CertificateException>(() => _fixture.GetAsync(s_cart))).Message);
        Assert.Equal($"Unavailable: {failure.Message}", _fixture.Store.List().Single().State);
        Assert.Equal(0, _fixture.Authority.WaitingCalls);

        (await _fixture.AdvanceToNextCallAsync(TimeSpan.FromSeconds(1.2))).Sign();
        await AvailableAsync();
        await _fixture.GetAsync(s_cart).WaitAsync(s_patience);
    }

    [Fact]
    public async Task Refresh_Fails_KeepsServingUntilExpiryAndNeverAfter()
    {
        WorkloadTls first = await _fixture.ObtainAsync(s_cart);
        (await _fixture.AdvanceToNextCallAsync(StoreFixture.Lifetime / 2)).Refuse("down");
        Assert.Same(first, await _fixture.GetAsync(s_cart));

        // The clock leaps over every retry, as after a suspend.
        await FailedAsync(1);
        GatedAuthority.Call retry = await _fixture.AdvanceToNextCallAsync(StoreFixture.Lifetime);

        Assert.Equal(
            "down", (await Assert.ThrowsAsync<CertificateException>(() => _fixture.GetAsync(s_cart))).Message);
        retry.Sign();
        Assert.NotSame(first, await AvailableAsync());
    }

    [Fact]
    public async Task GetAsync_ExpiredBeforeAnyRefresh_WaitsForANewOne()
    {
        WorkloadTls first = await _fixture.ObtainAsync(s_cart);
        GatedAuthority.Call refresh = await _fixture.AdvanceToNextCallAsync(StoreFixture.Lifetime * 2);

        Task<WorkloadTls> waiting = _fixture.GetAsync(s_cart);
        Assert.False(waiting.IsCompleted);
        refresh.Sign();

        Assert.NotSame(first, await waiting.WaitAsync(s_patience));
    }

    [Fact]
    public async Task Forget_SomebodyWaits_EndsTheWaitAndDiscardsTheAnswer()
    {
        Task<WorkloadTls> waiting = _fixture.GetAsync(s_cart);
        GatedAuthority.Call call = await _fixture.Authority.NextCallAsync();

        _fixture.Store.Forget(s_cart);

        CertificateException failure =
            await Assert.ThrowsAsync<CertificateException>(() => waiting.WaitAsync(s_patience));
        Assert.Equal("the identity is no longer needed", failure.Message);
        call.Sign();
        await _fixture.ObtainAsync(StoreFixture.Id("other"));
        Assert.Equal("other", Assert.Single(_fixture.Store.List()).Identity.ServiceAccount);
    }

    [Fact]
    public async Task GetAsync_Cancelled_LeavesTheRequestRunning()
    {
        using CancellationTokenSource gone = new();
        Task<WorkloadTls> waiting = _fixture.Store.GetAsync(s_cart, CertificatePriority.RealTime, gone.Token).AsTask();
        GatedAuthority.Call call = await _fixture.Authority.NextCallAsync();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        call.Sign();
        await AvailableAsync();
    }

    [Fact]
    public async Task GetAsync_FromAWorker_ResumesOnItsContext()
    {
        RecordingContext context = new();
        SynchronizationContext? before = SynchronizationContext.Current;
        Task waiting;
        try
        {
            SynchronizationContext.SetSynchronizationContext(context);
            waiting = AwaitAsync();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        (await _fixture.Authority.NextCallAsync()).Sign();
        await waiting.WaitAsync(s_patience);

        Assert.Equal(1, context.Posts);

        async Task AwaitAsync() =>
            await _fixture.Store.GetAsync(s_cart, CertificatePriority.RealTime, CancellationToken.None);
    }

    [Fact]
    public async Task DisposeAsync_RequestUnderWay_EndsIt()
    {
        Task<WorkloadTls> waiting = _fixture.GetAsync(s_cart);
        await _fixture.Authority.NextCallAsync();

        await _fixture.Store.DisposeAsync().AsTask().WaitAsync(s_patience);

        await Assert.ThrowsAsync<CertificateException>(() => waiting);
    }

    private async Task<WorkloadTls> ChangedAsync(WorkloadTls from) =>
        await UntilAsync(status => status.Certificate is { } current && current.Tls != from);

    private async Task<WorkloadTls> AvailableAsync() => await UntilAsync(status => status.State == "Available");

    // The store has no event for what nobody waits for; it is looked at between turns of the thread pool.
    private async Task<WorkloadTls> UntilAsync(Func<CertificateStatus, bool> condition)
    {
        long start = Environment.TickCount64;
        while (Environment.TickCount64 - start < s_patience.TotalMilliseconds)
        {
            if (_fixture.Store.List().Single() is var status && condition(status))
            {
                return status.Certificate!.Tls;
            }

            await Task.Yield();
        }

        throw new TimeoutException();
    }

    private async Task FailedAsync(long count)
    {
        long start = Environment.TickCount64;
        while (_fixture.Store.Failed < count && Environment.TickCount64 - start < s_patience.TotalMilliseconds)
        {
            await Task.Yield();
        }
    }

    private sealed class RecordingContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => Volatile.Read(ref _posts);

        public override void Post(SendOrPostCallback callback, object? state)
        {
            Interlocked.Increment(ref _posts);
            base.Post(callback, state);
        }
    }
}

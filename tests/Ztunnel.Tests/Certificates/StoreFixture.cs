using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Certificates;
using Ztunnel.Identity;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Certificates;

/// <summary>A store over the embedded CA, with the clock and the CA's answers in the test's hands.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly EmbeddedRoot _root;

    public StoreFixture()
    {
        _root = EmbeddedRoot.Create(Clock);
        Authority = new GatedAuthority(new EmbeddedCa(_root, Lifetime, Clock));
        Store = new CertificateStore(
            new CertificateIssuer(Authority, new CertificateReader(requireIdentity: true, Clock, NullLogger.Instance)),
            Clock,
            new Random(7),
            NullLogger.Instance);
    }

    public ManualClock Clock { get; } = new();

    public GatedAuthority Authority { get; }

    public CertificateStore Store { get; }

    public static SpiffeId Id(string serviceAccount) => new("cluster.local", "shop", serviceAccount);

    public Task<WorkloadTls> GetAsync(SpiffeId id, CertificatePriority priority = CertificatePriority.RealTime) =>
        Store.GetAsync(id, priority, CancellationToken.None).AsTask();

    public async Task<WorkloadTls> ObtainAsync(SpiffeId id)
    {
        Task<WorkloadTls> waiting = GetAsync(id);
        (await Authority.NextCallAsync()).Sign();
        return await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Moves the clock on, minute by minute at most, until the CA is asked.</summary>
    public async Task<GatedAuthority.Call> AdvanceToNextCallAsync(TimeSpan atMost)
    {
        Clock.Advance(atMost);
        return await Authority.NextCallAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _root.Dispose();
    }
}

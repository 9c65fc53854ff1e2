using System.Collections.Concurrent;
using Grpc.Core;

namespace Ztunnel.Lab;

/// <summary>
/// The control plane of a lab: what istiod is to a node proxy, over real gRPC and TLS. Delta discovery of workloads,
/// services, policies and secrets, the certificate service, secret discovery for agents. What it serves may change at
/// any time and goes to every stream at once; faults may stand in the way.
/// </summary>
public sealed class LabControlPlane : IAsyncDisposable
{
    private readonly ControlPlaneServer _server;
    private readonly Pulse _pulse = new();
    private readonly Lock _lock = new();
    private readonly List<DiscoveryStream> _streams = [];
    private readonly List<Fault> _faults = [];
    private readonly ConcurrentQueue<PushAnswer> _answers = new();
    private readonly ConcurrentQueue<Push> _pushes = new();
    private readonly ConcurrentQueue<StreamRequest> _requests = new();

    private LabControlPlane(LabNetwork lab)
    {
        Ca = new LabCa(lab, ControlPlaneServer.UrlIn(lab));
        Secrets = new LabSecrets(this);
        _server = new ControlPlaneServer(lab, this);
    }

    /// <summary>The certificate service, and the root that also signs the server's own certificate.</summary>
    public LabCa Ca { get; }

    public LabSecrets Secrets { get; }

    /// <summary>For the environment of a proxy.</summary>
    public string Url => Ca.Url;

    /// <summary>Roots by which the server is to be verified.</summary>
    public string RootFile => Ca.RootFile;

    /// <summary>Where secret discovery is served in clear, as an agent in the pod does.</summary>
    public string AgentSocket => _server.AgentSocket;

    public IReadOnlyCollection<Push> Pushes => _pushes;

    public IReadOnlyCollection<PushAnswer> Answers => _answers;

    public IEnumerable<PushAnswer> Nacks => _answers.Where(answer => answer.Error is not null);

    /// <summary>Subscriptions, first and later ones, with the headers of their stream.</summary>
    public IReadOnlyCollection<StreamRequest> Requests => _requests;

    public int OpenStreams => Streams().Count;

    internal ResourceStore Store { get; } = new();

    public static async Task<LabControlPlane> StartAsync(LabNetwork lab)
    {
        LabControlPlane plane = new(lab);
        await plane._server.StartAsync();
        return plane;
    }

    /// <summary>Ends all connections and stops listening; what is served stays for the next start.</summary>
    public Task StopAsync() => _server.StopAsync();

    public Task StartAgainAsync() => _server.StartAsync();

    public void Set(params IEnumerable<MeshResource> resources) => Change(resources, []);

    public void Remove(string typeUrl, params IEnumerable<string> names) =>
        Change([], names.Select(name => (typeUrl, name)));

    /// <summary>Several changes in one push.</summary>
    public void Change(IEnumerable<MeshResource> set, IEnumerable<(string TypeUrl, string Name)> remove)
    {
        Store.Change(set, remove);
        Announce();
    }

    /// <summary>The mesh is exactly this from now on; only what differs is pushed.</summary>
    public void Apply(MeshConfig config)
    {
        Store.Replace(config.ToResources(), ResourceType.Address, ResourceType.Authorization);
        Announce();
    }

    /// <summary>Everything is gone, secrets too.</summary>
    public void Clear()
    {
        Store.Clear();
        Announce();
    }

    /// <summary>Until the result is disposed, the fault is in force; earlier ones act first.</summary>
    public IDisposable Inject(Fault fault)
    {
        lock (_lock)
        {
            _faults.Add(fault);
        }

        return new Injection(this, fault);
    }

    /// <summary>Ends every stream that is open now.</summary>
    /// <param name="detail">The default is what a connection closed in good order looks like.</param>
    public void EndStreams(StatusCode code = StatusCode.Unavailable, string detail = "transport is closing")
    {
        foreach (DiscoveryStream stream in Streams())
        {
            stream.End(new Status(code, detail));
        }
    }

    /// <summary>
    /// Every open stream has answered everything up to now, NACKs included; at least so many streams.
    /// </summary>
    public Task WaitForAnswersAsync(int streams = 1)
    {
        long revision = Store.Revision;
        return _pulse.UntilAsync(
            () =>
            {
                IReadOnlyList<DiscoveryStream> meshes = [.. Streams().Where(stream => stream.IsOfMesh)];
                return meshes.Count >= streams && meshes.All(stream => stream.IsSettled(revision));
            },
            () => $"{streams} streams to answer; open: {string.Join(", ", Streams())}");
    }

    /// <summary>The same, and none of the answers since the call is a NACK.</summary>
    /// <exception cref="LabException">One is.</exception>
    public async Task WaitForAckAsync(int streams = 1)
    {
        int before = _answers.Count;
        await WaitForAnswersAsync(streams);
        if (_answers.Skip(before).FirstOrDefault(answer => answer.Error is not null) is { } nack)
        {
            throw new LabException($"{nack.Node} refuses {nack.TypeUrl}: {nack.Error}");
        }
    }

    /// <summary>Until what clients asked, answered or were sent is as the test wants it.</summary>
    public Task UntilAsync(Func<bool> isReached, string what) =>
        _pulse.UntilAsync(isReached, () => $"{what}; open: {string.Join(", ", Streams())}");

    public async ValueTask DisposeAsync()
    {
        await Secrets.DisposeAsync();
        await _server.StopAsync();
        Ca.Dispose();
    }

    internal void Changed() => _pulse.Beat();

    internal void Record(PushAnswer answer)
    {
        _answers.Enqueue(answer);
        Changed();
    }

    internal void Record(StreamRequest request)
    {
        _requests.Enqueue(request);
        Changed();
    }

    internal void Record(Push push) => _pushes.Enqueue(push);

    internal IReadOnlyList<Fault> Faults()
    {
        lock (_lock)
        {
            return [.. _faults];
        }
    }

    internal async Task ServeAsync<TStream>(TStream stream, Func<TStream, Task> run)
        where TStream : DiscoveryStream
    {
        using DiscoveryStream owned = stream;
        foreach (Fault fault in Faults())
        {
            await fault.OnStreamAsync(stream);
        }

        Change(() => _streams.Add(stream));
        try
        {
            await run(stream);
        }
        finally
        {
            Change(() => _streams.Remove(stream));
        }
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
        }

        Changed();
    }

    private IReadOnlyList<DiscoveryStream> Streams()
    {
        lock (_lock)
        {
            return [.. _streams.Where(stream => !stream.Ending.IsCancellationRequested)];
        }
    }

    private void Announce()
    {
        foreach (DiscoveryStream stream in Streams())
        {
            stream.Wake();
        }

        Changed();
    }

    private sealed class Injection(LabControlPlane plane, Fault fault) : IDisposable
    {
        public void Dispose()
        {
            lock (plane._lock)
            {
                plane._faults.Remove(fault);
            }
        }
    }
}

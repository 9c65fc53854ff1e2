using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Measures the process, so nothing else may run meanwhile.</summary>
[Collection(Alone)]
public sealed class TlsMemoryTests : IDisposable
{
    public const string Alone = "measures the process";

    private readonly TlsLab _lab = new();
    private readonly TlsContext _client;
    private readonly TlsContext _server;

    public TlsMemoryTests() => (_client, _server) = (_lab.Context(TlsRole.Client), _lab.Context(TlsRole.Server));

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Session_ManyOpenedAndDropped_LeaveNothingBehind()
    {
        Churn(50);
        long before = ResidentBytes();

        Churn(200); // two sessions of some 30 KiB each: 12 MB, if they stayed

        Assert.InRange(ResidentBytes() - before, long.MinValue, 4 << 20);
    }

    private void Churn(int count)
    {
        for (int round = 0; round < count; round++)
        {
            using TlsPair pair = new(
                new TlsSession(_client, new RecordingCheck()), new TlsSession(_server, new RecordingCheck()));
            Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), pair.Handshake());
        }
    }

    private static long ResidentBytes() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], null) * Environment.SystemPageSize;
}

/// <summary>Runs by itself, after everything else.</summary>
[CollectionDefinition(TlsMemoryTests.Alone, DisableParallelization = true)]
public sealed class TlsMemoryTestsAlone;

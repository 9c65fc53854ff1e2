using System.Runtime.InteropServices;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Measures the process, so nothing else may run meanwhile.</summary>
[Collection(Alone)]
public sealed partial class TlsMemoryTests : IDisposable
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
        // A leak would show in every round, with some 4 MB: two sessions of 20 KiB each time. What the JIT takes
        // while it warms up does not.
        long least = long.MaxValue;
        for (int round = 0; round < 4; round++)
        {
            long before = AllocatedBytes();
            Churn(100);
            least = Math.Min(least, AllocatedBytes() - before);
        }

        Assert.InRange(least, long.MinValue, 1 << 20);
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

    // Of malloc, where libssl lives; the collector's heap is elsewhere and grows as it likes.
    private static long AllocatedBytes() => (long)mallinfo2().InUse;

    [LibraryImport("libc")]
    private static partial MallocInfo mallinfo2();

    /// <summary>struct mallinfo2 of &lt;malloc.h&gt;.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallocInfo
    {
        private readonly nuint _arena, _free, _fast, _mapped, _mappedBytes, _usmblks, _fastBytes;
        public readonly nuint InUse;
        private readonly nuint _freeBytes, _top;
    }
}

/// <summary>Runs by itself, after everything else.</summary>
[CollectionDefinition(TlsMemoryTests.Alone, DisableParallelization = true)]
public sealed class TlsMemoryTestsAlone;

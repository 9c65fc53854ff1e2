using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Seeded noise: nothing may throw, hang or pass as a handshake; every end has a reason.</summary>
public sealed class TlsFuzzTests : IDisposable
{
    private readonly TlsLab _lab = new();
    private readonly TlsContext _client;
    private readonly TlsContext _server;

    public TlsFuzzTests() => (_client, _server) = (_lab.Context(TlsRole.Client), _lab.Context(TlsRole.Server));

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Handshake_RandomBytes_NeverPass(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 300; round++)
        {
            using TlsPair pair = _lab.Pair(_client, _server);
            pair.Client.Handshake();
            byte[] noise = new byte[random.Next(1, 600)];
            random.NextBytes(noise);
            if (round % 2 == 0 && noise.Length > 5)
            {
                byte[] header = [(byte)random.Next(20, 24), 3, 3, 0, (byte)random.Next(0, 200)];
                header.CopyTo(noise, 0);
            }

            AssertNotOk(pair.Server.Handshake(noise), pair.Server);
            AssertNotOk(pair.Client.Handshake(noise), pair.Client);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Handshake_FlightsDamaged_NeverPass(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 300; round++)
        {
            using TlsPair pair = _lab.Pair(_client, _server);
            int flights = 0;
            int damaged = random.Next(0, 3);

            (TlsStatus client, TlsStatus server) = pair.Handshake(flight => flights++ == damaged
                ? Damage(random, flight).Chunk(random.Next(1, 2000))
                : [flight]);

            Assert.NotEqual((TlsStatus.Ok, TlsStatus.Ok), (client, server)); // Finished binds every flight
            Assert.True(client != TlsStatus.Failed || pair.Client.Session.Failure is { Length: > 0 });
            Assert.True(server != TlsStatus.Failed || pair.Server.Session.Failure is { Length: > 0 });
        }
    }

    [Theory]
    [InlineData(5)]
    public void Read_RecordsDamaged_YieldAPrefixOfTheTruth(int seed)
    {
        Random random = new(seed);
        byte[] truth = new byte[40_000];
        random.NextBytes(truth);
        for (int round = 0; round < 100; round++)
        {
            using TlsPair pair = _lab.Pair(_client, _server);
            pair.Handshake();
            pair.Client.Write(truth);
            MemoryStream got = new();
            foreach (byte[] piece in Damage(random, pair.Client.TakeOutput()).Chunk(random.Next(1, 30_000)))
            {
                got.Write(pair.Server.Read(piece, room: random.Next(1, 20_000)).Data);
            }

            Assert.InRange(got.Length, 0, truth.Length - 1);
            Assert.True(truth.AsSpan().StartsWith(got.ToArray()));
        }
    }

    private static void AssertNotOk(TlsStatus status, TlsEnd end)
    {
        Assert.Contains(status, (TlsStatus[])[TlsStatus.WantInput, TlsStatus.Failed]);
        Assert.Equal(status == TlsStatus.Failed, end.Session.Failure is not null);
    }

    private static byte[] Damage(Random random, byte[] bytes)
    {
        byte[] copy = [.. bytes];
        int at = random.Next(copy.Length);
        switch (random.Next(4))
        {
            case 0:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 1:
                return copy[..at]; // cut short
            case 2:
                return [.. copy[..at], (byte)random.Next(256), .. copy[at..]];
            default:
                return [.. copy[..at], .. copy[Math.Min(at + random.Next(1, 50), copy.Length)..]];
        }
    }
}

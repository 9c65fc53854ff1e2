using System.Security.Cryptography;
using System.Text;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

public sealed class TlsDataTests : IDisposable
{
    private readonly TlsLab _lab = new();
    private readonly TlsPair _pair;

    public TlsDataTests() => _pair = _lab.Connected();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Read_RecordCutAnywhere_YieldsTheSame()
    {
        byte[] message = Encoding.ASCII.GetBytes("to be read in two halves");
        byte[] whole = Sent(message);
        Assert.Equal(message, _pair.Server.Read(whole).Data);
        int length = whole.Length;
        for (int cut = 0; cut <= length; cut++)
        {
            byte[] record = Sent(message);

            (TlsStatus first, byte[] some) = _pair.Server.Read(record[..cut]);
            (TlsStatus second, byte[] rest) = _pair.Server.Read(record[cut..]);

            Assert.Equal((TlsStatus.WantInput, TlsStatus.WantInput), (first, second));
            Assert.Equal(cut == length ? message.Length : 0, some.Length);
            Assert.Equal(message, some.Concat(rest));
            Assert.Equal(0, _pair.Server.Session.InputLeft);
        }

        byte[] Sent(byte[] data)
        {
            Assert.Equal(TlsStatus.Ok, _pair.Client.Write(data));
            return _pair.Client.Output.Length > 0 && _pair.Client.Output.Length < 200
                ? _pair.Client.TakeOutput()
                : throw new InvalidOperationException("not one small record");
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 70)]
    [InlineData(16_384, 16_384)]
    [InlineData(16_385, 300_000)]
    [InlineData(262_144, 65_536)]
    [InlineData(1_048_576, 1_448)]
    public void ReadAndWrite_OneMebibyteEachWay_ArrivesWhole(int writes, int feeds)
    {
        byte[] all = new byte[writes == 1 ? 4_096 : 1_048_576];
        new Random(writes).NextBytes(all);
        foreach ((TlsEnd from, TlsEnd to) in (IEnumerable<(TlsEnd, TlsEnd)>)[
            (_pair.Client, _pair.Server), (_pair.Server, _pair.Client)])
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (byte[] part in all.Chunk(writes))
            {
                Assert.Equal(TlsStatus.Ok, from.Write(part));
                foreach (byte[] piece in from.TakeOutput().Chunk(feeds))
                {
                    (TlsStatus status, byte[] data) = to.Read(piece);
                    Assert.Equal(TlsStatus.WantInput, status);
                    hash.AppendData(data);
                }
            }

            Assert.Equal(SHA256.HashData(all), hash.GetHashAndReset());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(16_384)]
    public void Read_IntoLittleRoom_LosesNothing(int room)
    {
        byte[] message = [.. Enumerable.Range(0, 20_000).Select(at => (byte)at)];
        _pair.Client.Write(message[..10]);
        _pair.Client.Write(message[10..]);

        (TlsStatus status, byte[] data) = _pair.Server.Read(_pair.Client.TakeOutput(), room);

        Assert.Equal(TlsStatus.WantInput, status);
        Assert.Equal(message, data);
    }

    [Fact]
    public void Read_NothingFed_WantsInput()
    {
        Assert.Equal(TlsStatus.WantInput, _pair.Server.Read([]).Status);
        Assert.Empty(_pair.Server.TakeOutput());
    }

    [Fact]
    public void Write_Nothing_SendsNothing()
    {
        Assert.Equal(TlsStatus.Ok, _pair.Client.Write([]));
        Assert.Empty(_pair.Client.TakeOutput());
    }

    [Fact]
    public void Write_Large_IsRecordsOf16KiB()
    {
        _pair.Client.Write(new byte[262_144]);

        byte[] sent = _pair.Client.TakeOutput();

        Assert.Equal(262_144 + (16 * 22), sent.Length); // header 5, type 1, tag 16
    }

    [Fact]
    public void Shutdown_OneSide_ReadsEndAndTheOtherWayGoesOn()
    {
        _pair.Client.Write([1]);
        _pair.Client.Session.Shutdown(_pair.Client.Output);

        (TlsStatus status, byte[] data) = _pair.Server.Read(_pair.Client.TakeOutput());

        Assert.Equal(TlsStatus.Closed, status);
        Assert.Equal([1], data);
        Assert.Null(_pair.Server.Session.Failure);
        Assert.Equal(TlsStatus.Ok, _pair.Server.Write([2, 3]));
        Assert.Equal([2, 3], _pair.Client.Read(_pair.Server.TakeOutput()).Data);
        Assert.Equal(TlsStatus.Closed, _pair.Client.Read(_pair.Server.Shutdown()).Status);
        Assert.Equal((TlsStatus.Closed, 0), (_pair.Server.Read([23, 3, 3]).Status, _pair.Server.Session.InputLeft));
    }

    [Fact]
    public void Shutdown_Twice_SaysItOnce()
    {
        Assert.NotEmpty(_pair.Client.Shutdown());
        Assert.Empty(_pair.Client.Shutdown());
        Assert.Throws<InvalidOperationException>(() => _pair.Client.Write([1]));
    }

    [Fact]
    public void Shutdown_BeforeTheHandshake_SaysNothing() => Assert.Empty(_lab.Pair().Client.Shutdown());

    [Fact]
    public unsafe void ReadAndWrite_Steady_AllocateNothing()
    {
        byte[] data = new byte[100_000];
        byte[] into = new byte[16_384];
        fixed (byte* from = data, room = into)
        {
            long before = 0;
            for (int round = 0; round < 50; round++)
            {
                if (round == 10)
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                }

                _pair.Client.Session.Write(from, data.Length, _pair.Client.Output);
                _pair.Server.Session.Feed(_pair.Client.Output.Start, _pair.Client.Output.Length);
                while (_pair.Server.Session.Read(room, into.Length, _pair.Server.Output, out _) == TlsStatus.Ok)
                {
                }

                _pair.Client.Output.Clear();
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}

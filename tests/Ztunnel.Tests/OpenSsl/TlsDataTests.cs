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
    public void Read_AnyBitFlipped_NeverYieldsData()
    {
        TlsContext client = _lab.Context(TlsRole.Client);
        TlsContext server = _lab.Context(TlsRole.Server);
        byte[] message = [1, 2, 3, 4];
        for (int at = 0; at < 5 + message.Length + 17; at++)
        {
            using TlsPair pair = _lab.Pair(client, server);
            pair.Handshake();
            pair.Client.Write(message);
            byte[] record = pair.Client.TakeOutput();
            record[at] ^= (byte)(1 << (at % 8));

            (TlsStatus status, byte[] data) = pair.Server.Read(record);

            Assert.Empty(data);
            bool isLonger = at is 3 or 4 && record[3] * 256 + record[4] > record.Length - 5;
            if (isLonger && record[3] < 0x40)
            {
                Assert.Equal(TlsStatus.WantInput, status); // a claim of more to come: nothing is wrong yet
                continue;
            }

            Assert.Equal(TlsStatus.Failed, status);
            if (at >= 5)
            {
                Assert.Equal(TlsStatus.Failed, pair.Client.Read(pair.Server.TakeOutput()).Status);
                Assert.Equal("received alert bad_record_mac", pair.Client.Session.Failure);
            }
        }
    }

    [Fact]
    public void Read_Replayed_Fails()
    {
        _pair.Client.Write([1]);
        byte[] record = _pair.Client.TakeOutput();

        (TlsStatus status, byte[] data) = _pair.Server.Read([.. record, .. record]);

        Assert.Equal((TlsStatus.Failed, 1), (status, data.Length));
        Assert.Contains("sent alert bad_record_mac", _pair.Server.Session.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0028")] // an alert, but in plaintext
    [InlineData("\u0017\u0003\u0003\u0000\u0013nineteen bytes here")]
    [InlineData("\u0014\u0003\u0003\u0000\u0001\u0001")] // change_cipher_spec
    [InlineData("\u0017\u0003\u0003\u007f\u007f")] // far too long
    public void Read_GarbageAfterwards_Fails(string garbage)
    {
        (TlsStatus status, byte[] data) = _pair.Server.Read(Encoding.Latin1.GetBytes(garbage));

        Assert.Equal((TlsStatus.Failed, 0), (status, data.Length));
        Assert.Matches("^[^\n]{5,200}$", _pair.Server.Session.Failure);
        Assert.Equal(TlsStatus.Failed, _pair.Server.Read([]).Status);
        Assert.Equal(TlsStatus.Failed, _pair.Server.Write([1]));
        _pair.Server.TakeOutput();
        Assert.Empty(_pair.Server.Shutdown()); // no farewell after an alert
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_KeyUpdates_AreFollowedAndAnsweredOnce(bool isAnswerWanted)
    {
        byte[] updates = NativeSsl.KeyUpdates(_pair.Client.Session, 20, isAnswerWanted);
        _pair.Client.Write([7]);

        (TlsStatus status, byte[] data) = _pair.Server.Read([.. updates, .. _pair.Client.TakeOutput()]);

        Assert.Equal((TlsStatus.WantInput, 1), (status, data.Length));
        _pair.Server.Write([8]);
        Assert.Equal([8], _pair.Client.Read(_pair.Server.TakeOutput()).Data);
    }

    [Fact]
    public void Read_FloodOfKeyUpdates_IsCutOff()
    {
        byte[] updates = NativeSsl.KeyUpdates(_pair.Client.Session, 40, isAnswerWanted: false);

        Assert.Equal(TlsStatus.Failed, _pair.Server.Read(updates).Status);
        Assert.Equal("more than 32 records without data in a row", _pair.Server.Session.Failure);
        Assert.Equal(0, _pair.Server.Session.InputLeft);
    }

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

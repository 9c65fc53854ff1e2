using System.Text;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>After the handshake: records changed, repeated, invented, or of the wrong kind.</summary>
public sealed class TlsTamperTests : IDisposable
{
    private readonly TlsLab _lab = new();
    private readonly TlsPair _pair;

    public TlsTamperTests() => _pair = _lab.Connected();

    public void Dispose() => _lab.Dispose();

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
    public void Read_FloodOfKeyUpdatesBetweenData_IsCutOffBeforeItIsAnsweredForLong()
    {
        List<byte> flood = [];
        for (int round = 0; round < 500; round++)
        {
            flood.AddRange(NativeSsl.KeyUpdates(_pair.Client.Session, 1, isAnswerWanted: true));
            _pair.Client.Write([7]);
            flood.AddRange(_pair.Client.TakeOutput());
        }

        (TlsStatus status, byte[] data) = _pair.Server.Read([.. flood]);

        Assert.Equal(TlsStatus.Failed, status);
        Assert.Equal("too many messages that are no data", _pair.Server.Session.Failure);
        Assert.InRange(data.Length, 32, 300);
        Assert.InRange(_pair.Server.Output.Length, 0, 10_000);
    }

    [Fact]
    public void Read_FloodOfKeyUpdates_IsCutOff()
    {
        byte[] updates = NativeSsl.KeyUpdates(_pair.Client.Session, 40, isAnswerWanted: false);

        Assert.Equal(TlsStatus.Failed, _pair.Server.Read(updates).Status);
        Assert.Equal("more than 32 records without data in a row", _pair.Server.Session.Failure);
        Assert.Equal(0, _pair.Server.Session.InputLeft);
    }
}

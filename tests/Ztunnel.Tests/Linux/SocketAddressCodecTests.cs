using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class SocketAddressCodecTests
{
    [Theory]
    [InlineData("10.1.2.3:8080", false, 16)]
    [InlineData("10.1.2.3:8080", true, 28)] // mapped, and canonical again when read
    [InlineData("0.0.0.0:15001", true, 28)] // the wildcard has no mapped form
    [InlineData("[2001:db8::7]:443", true, 28)]
    public void Read_OfWritten_IsTheSameEndpoint(string text, bool v6Socket, int expectedLength)
    {
        byte[] address = new byte[SocketAddressCodec.MaxSize];
        InetEndpoint endpoint = InetEndpoint.Parse(text);

        int length = SocketAddressCodec.Write(address, endpoint, v6Socket);

        Assert.Equal(expectedLength, length);
        InetEndpoint expected = endpoint.Address.IsUnspecified ? new(InetAddress.AnyV6, endpoint.Port) : endpoint;
        Assert.Equal(expected, SocketAddressCodec.Read(address.AsSpan(0, length)));
    }

    [Fact]
    public void Read_CutOrRandom_NeverThrows()
    {
        byte[] address = new byte[SocketAddressCodec.MaxSize];
        SocketAddressCodec.Write(address, InetEndpoint.Parse("[2001:db8::7]:443"), v6Socket: true);
        for (int cut = 0; cut < 24; cut++)
        {
            Assert.Equal(default, SocketAddressCodec.Read(address.AsSpan(0, cut)));
        }

        Random random = new(5);
        for (int i = 0; i < 10_000; i++)
        {
            random.NextBytes(address);
            SocketAddressCodec.Read(address.AsSpan(0, random.Next(address.Length + 1)));
        }
    }
}

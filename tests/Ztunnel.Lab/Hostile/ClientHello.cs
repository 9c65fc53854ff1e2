using System.Net.Security;

namespace Ztunnel.Lab;

/// <summary>The first flight of a good handshake, recorded once: whoever floods with it computes nothing.</summary>
public static class ClientHello
{
    public static byte[] Record()
    {
        using Recorder recorder = new();
        using SslStream tls = new(recorder);
        try
        {
            tls.AuthenticateAsClient(HostileTls.Client(certificate: null));
        }
        catch (IOException)
        {
            // The recorder has nothing to answer.
        }

        return recorder.ToArray();
    }

    private sealed class Recorder : MemoryStream
    {
        public override int Read(Span<byte> buffer) => 0;

        public override int Read(byte[] buffer, int offset, int count) => 0;
    }
}

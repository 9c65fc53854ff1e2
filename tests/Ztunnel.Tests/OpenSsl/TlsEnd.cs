using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>A session with an output of its own, spoken to in arrays.</summary>
internal sealed unsafe class TlsEnd(TlsSession session) : IDisposable
{
    private readonly byte[] _buffer = new byte[32 * 1024];

    public TlsSession Session { get; } = session;

    public TlsOutput Output { get; } = new(4096);

    public byte[] TakeOutput()
    {
        byte[] taken = Output.Bytes.ToArray();
        Output.Clear();
        return taken;
    }

    public TlsStatus Handshake(byte[]? input = null)
    {
        fixed (byte* window = input)
        {
            Session.Feed(window, input?.Length ?? 0);
            TlsStatus status = Session.Handshake(Output);
            if (status == TlsStatus.Ok && Session.InputLeft > 0)
            {
                Early.AddRange(input![^Session.InputLeft..]);
            }

            return status;
        }
    }

    /// <summary>What a handshake's last window held beyond it.</summary>
    public List<byte> Early { get; } = [];

    public TlsStatus Write(byte[] data)
    {
        fixed (byte* from = data)
        {
            return Session.Write(from, data.Length, Output);
        }
    }

    /// <summary>Reads until the window is used up, or the session ends.</summary>
    public (TlsStatus Status, byte[] Data) Read(byte[] input, int room = 32 * 1024)
    {
        input = [.. Early, .. input];
        Early.Clear();
        MemoryStream data = new();
        fixed (byte* window = input)
        {
            fixed (byte* into = _buffer)
            {
                Session.Feed(window, input.Length);
                TlsStatus status;
                while ((status = Session.Read(into, room, Output, out int read)) == TlsStatus.Ok)
                {
                    data.Write(_buffer, 0, read);
                }

                return (status, data.ToArray());
            }
        }
    }

    public byte[] Shutdown()
    {
        Session.Shutdown(Output);
        return TakeOutput();
    }

    public void Dispose()
    {
        Session.Dispose();
        Output.Dispose();
    }
}

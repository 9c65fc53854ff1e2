using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ztunnel.OpenSsl;

/// <summary>What libssl asks in the course of a handshake. None lets an exception into it.</summary>
internal static unsafe class TlsCallbacks
{
    /// <summary>ALPN in wire form: h2 and nothing else.</summary>
    public static ReadOnlySpan<byte> Protocols => "\u0002h2"u8;

    /// <summary>Only called when the client offers any.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int SelectProtocol(
        nint ssl, byte** selected, byte* selectedLength, byte* offered, uint offeredLength, nint argument)
    {
        for (uint at = 0; at < offeredLength; at += 1u + offered[at])
        {
            uint length = Math.Min(offered[at], offeredLength - at - 1);
            ReadOnlySpan<byte> name = new(offered + at + 1, (int)length);
            if (name.SequenceEqual(Protocols[1..]))
            {
                *selected = offered + at + 1; // the offer outlives the choice
                *selectedLength = (byte)length;
                return SslCalls.SSL_TLSEXT_ERR_OK;
            }
        }

        return SslCalls.SSL_TLSEXT_ERR_ALERT_FATAL; // no_application_protocol
    }

    /// <summary>Instead of the plain X509_verify_cert: the chain first, then whose it is.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int VerifyPeer(nint verification, nint argument)
    {
        TlsSession? session = TlsSession.InHandshake;
        if (session is null)
        {
            // Nobody to answer for the peer: certificates come in a handshake, or not at all.
            CryptoCalls.X509_STORE_CTX_set_error(verification, CryptoCalls.X509_V_ERR_UNSPECIFIED);
            return 0;
        }

        int error = session.Verify(verification);
        CryptoCalls.X509_STORE_CTX_set_error(verification, error);
        return error == CryptoCalls.X509_V_OK ? 1 : 0;
    }

    /// <summary>Alerts are told here for certain; the thread's error queue may hold what others left in it.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void NoteAlert(nint ssl, int where, int value)
    {
        TlsWire* wire = (TlsWire*)SslCalls.SSL_get_ex_data(ssl, 0);
        if ((where & SslCalls.SSL_CB_ALERT) == 0)
        {
            wire->Steps++;
            return;
        }

        int alert = value & 0xFF;
        if ((where & SslCalls.SSL_CB_READ) != 0)
        {
            wire->AlertReceived = alert;
        }
        else
        {
            wire->AlertSent = alert;
        }
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.OpenSsl;

/// <summary>
/// One TLS connection (SSL) without a socket: ciphertext is fed from a window and collected in the output each call is
/// lent. Owned by one worker; nothing here is for two threads at once.
/// </summary>
public sealed unsafe partial class TlsSession : SafeHandleZeroOrMinusOneIsInvalid
{
    // Records without data (KeyUpdate) one read may take; libssl bounds the empty ones likewise.
    private const int MaxRecordsWithoutData = 32;

    // A KeyUpdate costs new keys and an answer, a thousand times what its few octets cost the peer: some 60 of them are
    // free, further ones have to be spread over data. Peers change keys once in many gigabytes, or never.
    private const int FreeSteps = 256;
    private const int BytesPerStep = 1024 * 1024;

    // Header, content type and tag of a TLS 1.3 record, or header, nonce and tag of a TLS 1.2 one.
    private const int RecordOverhead = 5 + 8 + 16;
    private const int RecordSize = 16 * 1024;

    private readonly TlsRole _role;
    private readonly ITlsPeerCheck _check;
    private readonly Func<RevocationLists?>? _revocations;
    private TlsWire* _wire;
    private bool _isInCall;
    private bool _isEstablished;
    private bool _isInputClosed;
    private bool _isOutputClosed;
    private bool _hasUnreadData;
    private long _received;

    /// <param name="revocations">Asked when the peer's path is verified; null: nobody is ever revoked.</param>
    public TlsSession(TlsContext context, ITlsPeerCheck check, Func<RevocationLists?>? revocations = null)
        : base(ownsHandle: true)
    {
        (_role, _check, _revocations) = (context.Role, check, revocations);
        _wire = (TlsWire*)NativeMemory.AllocZeroed((nuint)sizeof(TlsWire));
        _wire->AlertReceived = _wire->AlertSent = TlsAlert.None;
        try
        {
            SetHandle(SslCalls.SSL_new(context));
            OpenSslError.Require(!IsInvalid, "SSL_new");
            OpenSslError.Require(SslCalls.SSL_set_ex_data(handle, 0, _wire) == 1, "SSL_set_ex_data");
            nint bio = TlsBio.Create(_wire);
            SslCalls.SSL_set_bio(handle, bio, bio); // and the SSL owns it
        }
        catch
        {
            Dispose(); // which does not reach an invalid handle
            FreeWire();
            throw;
        }

        if (_role == TlsRole.Server)
        {
            SslCalls.SSL_set_accept_state(handle);
        }
        else
        {
            SslCalls.SSL_set_connect_state(handle);
        }
    }

    /// <summary>Why the session failed, in one line.</summary>
    public string? Failure { get; private set; }

    /// <summary>What is left of the window: moves to zero, because libssl keeps a partial record itself.</summary>
    public int InputLeft => _wire == null ? 0 : _wire->InputLength;

    /// <summary>
    /// Gives ciphertext to read, in place of what was given before. The bytes stay the caller's and must stay put
    /// until <see cref="InputLeft"/> is zero or the next feed.
    /// </summary>
    public void Feed(byte* ciphertext, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ObjectDisposedException.ThrowIf(IsClosed, this);
        _wire->Input = ciphertext;
        _wire->InputLength = Failure is null ? length : 0; // which nobody would ever read
    }

    /// <summary>One record at most; <see cref="TlsStatus.WantInput"/> only once the window is used up.</summary>
    public TlsStatus Read(byte* into, int length, TlsOutput output, out int read)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        read = 0;
        if (Standing() is { } standing)
        {
            return standing;
        }

        if (_isInputClosed)
        {
            _wire->InputLength = 0; // nothing counts after close_notify
            return TlsStatus.Closed;
        }

        if (!_hasUnreadData && _wire->InputLength == 0)
        {
            return TlsStatus.WantInput; // libssl would say so too, at the price of a buffer taken and given back
        }

        return ReadRecord(into, length, output, out read);
    }

    /// <summary>All of it, in records of 16 KiB.</summary>
    public TlsStatus Write(byte* from, int length, TlsOutput output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (Standing() is { } standing)
        {
            return standing;
        }

        if (_isOutputClosed)
        {
            throw new InvalidOperationException("written after close_notify");
        }

        if (length == 0)
        {
            return TlsStatus.Ok;
        }

        output.Block->Reserve(checked(length + (((length / RecordSize) + 1) * RecordOverhead)));
        Enter(output, maxReads: 0);
        try
        {
            return SslCalls.SSL_write(handle, from, length) == length ? TlsStatus.Ok : Fail(Reason());
        }
        finally
        {
            Leave(output);
        }
    }

    /// <summary>close_notify: nothing more will be written, reading goes on. Once, and on a sound session.</summary>
    public void Shutdown(TlsOutput output)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (!_isEstablished || _isOutputClosed || Failure is not null)
        {
            return;
        }

        _isOutputClosed = true;
        Enter(output, maxReads: 0);
        try
        {
            if (SslCalls.SSL_shutdown(handle) < 0)
            {
                Fail(Reason());
            }
        }
        finally
        {
            Leave(output);
        }
    }

    protected override bool ReleaseHandle()
    {
        SslCalls.SSL_free(handle); // and its BIO; neither calls back
        FreeWire();
        return true;
    }

    private TlsStatus ReadRecord(byte* into, int length, TlsOutput output, out int read)
    {
        Enter(output, maxReads: 2 * (MaxRecordsWithoutData + 1));
        try
        {
            int count = SslCalls.SSL_read(handle, into, length);
            read = Math.Max(count, 0);
            _hasUnreadData = count == length; // perhaps; asking libssl costs as much as trying
            _received += read;
            if (_wire->Steps > FreeSteps + (_received / BytesPerStep))
            {
                read = 0;
                return Fail("too many messages that are no data");
            }

            if (count > 0)
            {
                return TlsStatus.Ok;
            }

            TlsStatus ended = Ended();
            return ended == TlsStatus.WantInput && _wire->InputLength > 0
                ? Fail($"more than {MaxRecordsWithoutData} records without data in a row")
                : ended;
        }
        finally
        {
            Leave(output);
        }
    }

    private TlsStatus? Standing()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (Failure is not null)
        {
            return TlsStatus.Failed;
        }

        return _isEstablished ? null : throw new InvalidOperationException("the handshake is not finished");
    }

    // The reference taken here keeps the SSL alive should the session be disposed inside the call.
    private void Enter(TlsOutput output, int maxReads)
    {
        if (_isInCall)
        {
            throw new InvalidOperationException("called from inside a call");
        }

        TlsOutputBlock* block = output.Block;
        bool isHeld = false;
        DangerousAddRef(ref isHeld);
        _isInCall = true;
        _wire->Output = block;
        _wire->IsStarved = false;
        _wire->ReadsLeft = maxReads;
    }

    private void Leave(TlsOutput output)
    {
        _wire->Output = null;
        _isInCall = false;
        DangerousRelease();
        GC.KeepAlive(output);
    }

    private void FreeWire()
    {
        NativeMemory.Free(_wire);
        _wire = null;
    }
}

namespace Ztunnel.OpenSsl;

/// <summary>What a call to a <see cref="TlsSession"/> came to.</summary>
public enum TlsStatus
{
    Ok,

    /// <summary>All input is used up and more is needed.</summary>
    WantInput,

    /// <summary>The peer said close_notify: it sends nothing more, and may still be written to.</summary>
    Closed,

    /// <summary>For good; <see cref="TlsSession.Failure"/> says why, the output may hold an alert to send.</summary>
    Failed,
}

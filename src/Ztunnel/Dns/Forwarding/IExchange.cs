namespace Ztunnel.Dns.Forwarding;

/// <summary>One query on its way to upstream servers and back. The DNS thread's.</summary>
internal interface IExchange
{
    void Start();

    /// <summary>Sockets and timers go; nothing is answered.</summary>
    void Close();
}

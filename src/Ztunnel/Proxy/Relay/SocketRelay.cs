using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Relay;

/// <summary>Bytes between two sockets, for traffic that no tunnel carries.</summary>
internal sealed class SocketRelay
{
    private readonly IRelayOwner _owner;
    private readonly ConnectionRecord _record;
    private readonly ProxyServices _services;
    private readonly SocketSide _client;
    private readonly SocketSide _upstream;
    private RelayAge _age;

    /// <param name="client">Who connected to us.</param>
    /// <param name="upstream">Just connected, so watched already.</param>
    public SocketRelay(
        ProxyWorker proxy, TurnAccount account, TcpSocket client, TcpSocket upstream, ConnectionRecord record,
        IRelayOwner owner)
    {
        (Worker, Account, _owner, _record) = (proxy.Worker, account, owner, record);
        _services = proxy.Services;
        bool clientIsOurs = record.IsSource;
        _client = new SocketSide(this, client, isUp: clientIsOurs);
        _upstream = new SocketSide(this, upstream, isUp: !clientIsOurs);
        (_client.Other, _upstream.Other) = (_upstream, _client);
    }

    public Worker Worker { get; }

    public TurnAccount Account { get; }

    public bool IsEnded { get; private set; }

    /// <param name="seen">What somebody who watched the client's socket was told; null: nobody has watched it.</param>
    public void Run(EpollEvents? seen)
    {
        _age.Begin(Worker, _services.Config.Deadlines.HalfClosed, static relay => ((SocketRelay)relay!).OnAged(), this);
        if (seen is { } events)
        {
            Worker.Replace(_client.Socket, _client);
            _client.Note(events);
        }
        else
        {
            Worker.Watch(_client.Socket, EpollEvents.Connection, _client);
        }

        Worker.Replace(_upstream.Socket, _upstream);
        _upstream.Begin();
        if (!IsEnded)
        {
            _client.Begin();
        }
    }

    public void Abort(string? error, ResponseFlag flag) => Finish(error, flag);

    /// <summary>So many bytes went from this side to the other.</summary>
    internal void Moved(SocketSide from, int bytes)
    {
        _age.Moved();
        if (from.IsUp)
        {
            _record.Up(bytes);
        }
        else
        {
            _record.Down(bytes);
        }
    }

    /// <summary>A side has sent its FIN and the other has been given it.</summary>
    internal void OnDirectionEnded()
    {
        if (_client.HasEnded && _upstream.HasEnded)
        {
            Finish(null, ResponseFlag.None);
        }
        else
        {
            _age.OnHalfClosed();
        }
    }

    /// <summary>A reset stays a reset.</summary>
    internal void OnBroken(SocketSide side, IoResult result)
    {
        if (!IsEnded)
        {
            side.Other.Reset();
            Finish(result.IsDisconnect ? null : $"io error: {result.Text}",
                result.IsDisconnect ? ResponseFlag.None : ResponseFlag.Connect);
        }
    }

    private void Finish(string? error, ResponseFlag flag)
    {
        if (IsEnded)
        {
            return;
        }

        IsEnded = true;
        _age.Cancel();
        _client.Close();
        _upstream.Close();
        _owner.OnRelayEnded(error, flag);
    }

    private void OnAged()
    {
        if (_age.OnDue())
        {
            Finish($"half-closed and silent for {_services.Config.Deadlines.HalfClosed}", ResponseFlag.Connect);
        }
        else
        {
            _age.SetKeepAlive(_client.Socket, _services.Config.Sockets);
            _age.SetKeepAlive(_upstream.Socket, _services.Config.Sockets);
        }
    }
}

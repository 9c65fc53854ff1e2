using Ztunnel.Dns.Messages;
using Ztunnel.Linux;

namespace Ztunnel.Dns.Forwarding;

/// <summary>
/// What one pod has waiting at upstream servers: taken within the limits, passed on as the client wrote it, recognised
/// when it comes back as another query.
/// </summary>
internal sealed class PodForwarder(DnsPod pod)
{
    private readonly Dictionary<ushort, ForwardedQuery> _inFlight = [];
    private int _preferred; // the server that answered last

    public int Count => _inFlight.Count;

    private DnsServices Services => pod.Services;

    /// <summary>Null: it may be forwarded. Otherwise the reason why it may not.</summary>
    public string? Refuse(ReadOnlySpan<byte> message)
    {
        if (_inFlight.TryGetValue(DnsHeader.Read(message).Id, out ForwardedQuery? same)
            && AnswerCheck.HaveSameQuestion(message, same.Message))
        {
            Services.Metrics.Limits.Looped();
            Services.Logger.Looped(pod.Info.ToString());
            return "the query is our own: the redirect catches what this proxy sends";
        }

        if (_inFlight.Count >= Services.Config.Dns.MaxQueriesPerPod)
        {
            Services.Metrics.Limits.RefusedByPod();
            return "too many queries of this pod are waiting";
        }

        if (Services.Queries.IsFull)
        {
            Services.Metrics.Limits.RefusedByNode();
            return "too many queries are waiting";
        }

        return null;
    }

    /// <summary>After <see cref="Refuse"/> had nothing against it.</summary>
    /// <param name="ended">Told how it ended, before the client is.</param>
    public void Forward(
        ReadOnlySpan<byte> message, string type, IReplyTo client, Action<ForwardedQuery, ForwardResult> ended)
    {
        ForwardedQuery query = new(message, FreeId(), type, client, (which, result) =>
        {
            Remove(which);
            ended(which, result);
        });
        _inFlight.Add(query.Id, query);
        Services.Queries.Add();
        Services.Metrics.Limits.Began();
        UpstreamPlan plan = Plan();
        query.Exchange = plan.Servers.Count > 0 && client.IsOverTcp
            ? new TcpExchange(pod, query, plan)
            : new UdpExchange(pod, query, plan);
        query.Exchange.Start();
    }

    /// <summary>The next query begins with this server.</summary>
    public void Answered(int server) => _preferred = server;

    public void Abandon()
    {
        foreach (ForwardedQuery query in _inFlight.Values.ToArray())
        {
            query.Abandon();
        }
    }

    private void Remove(ForwardedQuery query)
    {
        _inFlight.Remove(query.Id);
        Services.Queries.Remove();
        Services.Metrics.Limits.Ended();
        pod.OnMaybeIdle();
    }

    private UpstreamPlan Plan()
    {
        ResolvConf conf = Services.Resolver.Current;
        InetEndpoint[] servers = [.. conf.Servers.Where(server => !pod.ListensOn(server))];
        if (conf.Rotates)
        {
            _preferred = (_preferred + 1) & int.MaxValue;
        }

        return new UpstreamPlan(servers, _preferred % Math.Max(1, servers.Length), conf.Timeout, conf.Attempts + 1);
    }

    private ushort FreeId()
    {
        ushort id;
        do // there are many times more ids than a pod may have queries
        {
            id = Services.Ids.Next();
        }
        while (_inFlight.ContainsKey(id));
        return id;
    }
}

namespace Ztunnel.Dns.Forwarding;

/// <summary>How many queries of all pods wait for upstream, each with a socket of its own. The DNS thread's.</summary>
internal sealed class QueryCount(int limit)
{
    public int Count { get; private set; }

    public bool IsFull => Count >= limit;

    public void Add() => Count++;

    public void Remove() => Count--;
}

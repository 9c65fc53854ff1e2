using Ztunnel.Dns.Messages;
using Ztunnel.State;

namespace Ztunnel.Dns.Resolution;

/// <summary>
/// Answers what the mesh knows: addresses of services. No I/O, and nothing allocated; one thread's, for all its pods.
/// </summary>
/// <param name="hasV6">False: IPv6 is switched off, and no answer has such an address.</param>
internal sealed class MeshResolver(bool hasV6, Random random)
{
    private const ushort ClassIn = 1;

    private static readonly TimeSpan s_ttl = TimeSpan.FromSeconds(30);

    private readonly AddressList _addresses = new();

    /// <param name="message">Takes the answer; at least as long as the limit.</param>
    /// <param name="limit">Bytes the client takes.</param>
    public LocalAnswer Answer(
        in DnsQuery query, MeshSnapshot mesh, Asker asker, Span<byte> message, int limit)
    {
        bool v6 = query.Type == RecordType.Aaaa;
        if ((!v6 && query.Type != RecordType.A) || query.Class != ClassIn)
        {
            return new LocalAnswer(Outcome.Forward, 0, 0);
        }

        Span<char> host = stackalloc char[DnsName.MaxSize];
        if (!DnsName.TryToHost(query.Name, host, out int length)
            || !new NameSearch(mesh.Services, asker.Scope).TryFind(host[..length], out ServiceMatch match))
        {
            return new LocalAnswer(Outcome.Forward, 0, 0);
        }

        if ((v6 && !hasV6) || ServiceAddresses.Lacks(match.Service, v6))
        {
            _addresses.Clear();
            return Write(in query, match, message, limit, Outcome.NotSupported);
        }

        ServiceAddresses.Collect(mesh, match.Service, asker.Network, v6, _addresses);
        Outcome outcome = _addresses.Count > 0 ? Outcome.Success : Outcome.NoRecords;
        return Write(in query, match, message, limit, outcome);
    }

    private LocalAnswer Write(
        in DnsQuery query, ServiceMatch match, Span<byte> message, int limit, Outcome outcome)
    {
        Span<byte> owner = stackalloc byte[DnsName.MaxSize];
        bool hasLowered = DnsName.Lower(query.Name, owner);
        owner = owner[..query.Name.Length];
        AnswerWriter writer = new(message, in query, owner, isOwnerAsked: !hasLowered, limit, s_ttl);
        if (match.IsAlias && _addresses.Count > 0)
        {
            Span<byte> target = stackalloc byte[DnsName.MaxSize];
            int labels = match.StrippedLength + 1; // on the wire a length before each label, in text a dot between them
            owner[..labels].CopyTo(target);
            target[labels] = 0;
            writer.AddAlias(target[..(labels + 1)]);
        }

        for (int i = 0; i < _addresses.Count && writer.TryAdd(_addresses.Draw(i, random)); i++)
        {
        }

        return new LocalAnswer(outcome, writer.End(), writer.Answers);
    }
}

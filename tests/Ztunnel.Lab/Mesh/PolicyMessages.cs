using System.Globalization;
using Ztunnel.Protos.Authorizations;

namespace Ztunnel.Lab;

/// <summary>Policies of the mesh document as the messages istiod sends for them.</summary>
internal static class PolicyMessages
{
    public static Authorization Policy(Fields fields)
    {
        Authorization policy = new()
        {
            Name = fields.Text("name"),
            Namespace = fields.Text("namespace"),
            Scope = Enum.Parse<Scope>(fields.Text("scope")),
            Action = Enum.Parse<Protos.Authorizations.Action>(fields.Text("action")),
            DryRun = fields.Flag("dryRun"),
        };
        policy.Rules.AddRange(Lists(fields.List("rules")).Select(rule => new Rule
        {
            Clauses = { Lists(rule).Select(clause => new Clause { Matches = { clause.Select(Match) } }) },
        }));
        fields.AssertRead($"policy {policy.Name}");
        return policy;
    }

    private static IEnumerable<IEnumerable<object>> Lists(IEnumerable<object> lists) =>
        lists.Select(list => ((System.Collections.IEnumerable)list).Cast<object>());

    private static Match Match(object item)
    {
        Fields fields = new((IEnumerable<KeyValuePair<string, object?>>)item);
        Match match = new();
        match.Namespaces.AddRange(fields.List("namespaces").Select(Text));
        match.NotNamespaces.AddRange(fields.List("notNamespaces").Select(Text));
        match.Principals.AddRange(fields.List("principals").Select(Text));
        match.NotPrincipals.AddRange(fields.List("notPrincipals").Select(Text));
        match.SourceIps.AddRange(fields.Texts("sourceIps").Select(Range));
        match.NotSourceIps.AddRange(fields.Texts("notSourceIps").Select(Range));
        match.DestinationIps.AddRange(fields.Texts("destinationIps").Select(Range));
        match.NotDestinationIps.AddRange(fields.Texts("notDestinationIps").Select(Range));
        match.DestinationPorts.AddRange(fields.List("destinationPorts").Select(Port));
        match.NotDestinationPorts.AddRange(fields.List("notDestinationPorts").Select(Port));
        match.ServiceAccounts.AddRange(MeshMessages.Maps(fields.List("serviceAccounts")).Select(Account));
        match.NotServiceAccounts.AddRange(MeshMessages.Maps(fields.List("notServiceAccounts")).Select(Account));
        fields.AssertRead("match");
        return match;
    }

    private static StringMatch Text(object item)
    {
        YamlTag tag = (YamlTag)item;
        return tag.Name switch
        {
            "Exact" => new StringMatch { Exact = tag.Value },
            "Prefix" => new StringMatch { Prefix = tag.Value },
            "Suffix" => new StringMatch { Suffix = tag.Value },
            "Presence" => new StringMatch { Presence = new() },
            _ => throw new LabException($"no string match is called {tag.Name}"),
        };
    }

    private static Address Range(string cidr)
    {
        string[] parts = cidr.Split('/');
        return new Address
        {
            Address_ = MeshMessages.Bytes(parts[0]),
            Length = uint.Parse(parts[1], CultureInfo.InvariantCulture),
        };
    }

    private static ServiceAccountMatch Account(Fields fields) => new()
    {
        Namespace = fields.Text("namespace"),
        ServiceAccount = fields.Text("serviceAccount"),
    };

    private static uint Port(object port) => (uint)(int)port;
}

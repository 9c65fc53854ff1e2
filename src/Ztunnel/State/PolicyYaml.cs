using Ztunnel.Config;

namespace Ztunnel.State;

/// <summary>Reads the policies of a static document.</summary>
internal static class PolicyYaml
{
    public static Authorization Read(YamlValue value)
    {
        YamlMap map = value.AsMap();
        Authorization policy = new()
        {
            Name = map.Required("name").AsText(),
            Namespace = map.Required("namespace").AsText(),
            Scope = map.Required("scope").AsOneOf(
                ("Global", PolicyScope.Global),
                ("Namespace", PolicyScope.Namespace),
                ("WorkloadSelector", PolicyScope.WorkloadSelector)),
            Action = map.Required("action").AsOneOf(("Allow", PolicyAction.Allow), ("Deny", PolicyAction.Deny)),
            Rules = map.Required("rules").AsArray(rule => new AuthorizationRule(rule.AsArray(
                clause => new AuthorizationClause(clause.AsArray(Match))))),
            IsDryRun = map.Bool("dryRun"),
        };
        map.RefuseOthers();
        return policy;
    }

    private static AuthorizationMatch Match(YamlValue value)
    {
        YamlMap map = value.AsMap();
        AuthorizationMatch match = new()
        {
            Namespaces = Texts(map, "namespaces"),
            NotNamespaces = Texts(map, "notNamespaces"),
            Principals = Texts(map, "principals"),
            NotPrincipals = Texts(map, "notPrincipals"),
            ServiceAccounts = map.Array("serviceAccounts", Account),
            NotServiceAccounts = map.Array("notServiceAccounts", Account),
            SourceIps = map.Array("sourceIps", MeshYaml.Range),
            NotSourceIps = map.Array("notSourceIps", MeshYaml.Range),
            DestinationIps = map.Array("destinationIps", MeshYaml.Range),
            NotDestinationIps = map.Array("notDestinationIps", MeshYaml.Range),
            DestinationPorts = map.Array("destinationPorts", port => port.AsPort()),
            NotDestinationPorts = map.Array("notDestinationPorts", port => port.AsPort()),
        };
        map.RefuseOthers();
        return match;
    }

    private static StringMatchList Texts(YamlMap map, string name) =>
        map.Optional(name) is { } list ? new StringMatchList(list.AsArray(Text)) : StringMatchList.Empty;

    // !Exact x, or {Exact: x} as JSON and the configuration dump write it.
    private static StringMatch Text(YamlValue value)
    {
        if (value.Tag is { } tag)
        {
            return Text(value, tag, value);
        }

        if (value.IsMap && value.AsMap().Fields.ToArray() is [(YamlValue kind, YamlValue operand)])
        {
            return Text(kind, kind.AsText(), operand);
        }

        throw value.Error("must be one of !Exact, !Prefix, !Suffix with a string, or !Presence (or a map such as {Exact: x})");
    }

    private static StringMatch Text(YamlValue place, string kind, YamlValue operand) => kind switch
    {
        "Exact" => StringMatch.Exact(operand.AsText()),
        "Prefix" => StringMatch.Prefix(operand.AsText()),
        "Suffix" => StringMatch.Suffix(operand.AsText()),
        "Presence" => StringMatch.Presence,
        _ => throw place.Error($"must be one of Exact, Prefix, Suffix, Presence, not '{kind}'"),
    };

    private static ServiceAccountMatch Account(YamlValue value)
    {
        YamlMap map = value.AsMap();
        ServiceAccountMatch account = new(map.Required("namespace").AsText(), map.Required("serviceAccount").AsText());
        map.RefuseOthers();
        return account;
    }
}

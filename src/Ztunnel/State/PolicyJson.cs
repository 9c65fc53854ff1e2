using System.Text.Json;

namespace Ztunnel.State;

/// <summary>Policies as the configuration dump shows them; istioctl reads this.</summary>
internal static class PolicyJson
{
    /// <summary>An array in order of key.</summary>
    public static void WriteAll(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, Authorization>> policies)
    {
        json.WriteStartArray();
        foreach ((_, Authorization policy) in policies.OrderBy(policy => policy.Key, StringComparer.Ordinal))
        {
            Write(json, policy);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Authorization policy)
    {
        json.WriteStartObject();
        json.WriteString("action", policy.Action == PolicyAction.Allow ? "Allow" : "Deny");
        json.WriteBoolean("dryRun", policy.IsDryRun);
        json.WriteString("name", policy.Name);
        json.WriteString("namespace", policy.Namespace);
        json.WriteStartArray("rules");
        foreach (AuthorizationRule rule in policy.Rules)
        {
            json.WriteStartArray();
            foreach (AuthorizationClause clause in rule.Clauses)
            {
                WriteClause(json, clause);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteString("scope", Enum.GetName(policy.Scope));
        json.WriteEndObject();
    }

    private static void WriteClause(Utf8JsonWriter json, AuthorizationClause clause)
    {
        json.WriteStartArray();
        foreach (AuthorizationMatch match in clause.Matches)
        {
            json.WriteStartObject();
            WriteRanges(json, "destinationIps", match.DestinationIps);
            WritePorts(json, "destinationPorts", match.DestinationPorts);
            WriteTexts(json, "namespaces", match.Namespaces);
            WriteRanges(json, "notDestinationIps", match.NotDestinationIps);
            WritePorts(json, "notDestinationPorts", match.NotDestinationPorts);
            WriteTexts(json, "notNamespaces", match.NotNamespaces);
            WriteTexts(json, "notPrincipals", match.NotPrincipals);
            WriteAccounts(json, "notServiceAccounts", match.NotServiceAccounts);
            WriteRanges(json, "notSourceIps", match.NotSourceIps);
            WriteTexts(json, "principals", match.Principals);
            WriteAccounts(json, "serviceAccounts", match.ServiceAccounts);
            WriteRanges(json, "sourceIps", match.SourceIps);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRanges(Utf8JsonWriter json, string name, Cidr[] ranges) =>
        MeshJson.WriteTexts(json, name, [.. ranges.Select(range => range.ToString())]);

    private static void WritePorts(Utf8JsonWriter json, string name, ushort[] ports)
    {
        if (ports.Length == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (ushort port in ports)
        {
            json.WriteNumberValue(port);
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, StringMatchList list)
    {
        if (list.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (StringMatch match in list.Matches)
        {
            json.WriteStartObject();
            if (match.Kind == StringMatchKind.Presence)
            {
                json.WriteStartArray("Presence");
                json.WriteEndArray();
            }
            else
            {
                json.WriteString(Enum.GetName(match.Kind)!, match.Value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAccounts(Utf8JsonWriter json, string name, ServiceAccountMatch[] accounts)
    {
        if (accounts.Length == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (ServiceAccountMatch account in accounts)
        {
            json.WriteStartObject();
            json.WriteString("namespace", account.Namespace);
            json.WriteString("serviceAccount", account.ServiceAccount);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

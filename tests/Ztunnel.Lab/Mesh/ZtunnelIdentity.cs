namespace Ztunnel.Lab;

/// <summary>Who the proxies themselves are, where they are given an identity.</summary>
public static class ZtunnelIdentity
{
    public const string Name = "ztunnel";
    public const string Namespace = "istio-system";
    public const string Account = "ztunnel";

    /// <summary>Makes a proxy open its own HBONE listener, as in a cluster.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["POD_NAME"] = Name,
        ["POD_NAMESPACE"] = Namespace,
        ["SERVICE_ACCOUNT"] = Account,
    };
}

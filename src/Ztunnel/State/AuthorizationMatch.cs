namespace Ztunnel.State;

/// <summary>
/// Attributes of a connection, each by what it must be one of and what it must not be. An empty list asks nothing,
/// but a match in which every list is empty never holds.
/// </summary>
internal sealed class AuthorizationMatch
{
    public StringMatchList Namespaces { get; init; } = StringMatchList.Empty;

    public StringMatchList NotNamespaces { get; init; } = StringMatchList.Empty;

    public StringMatchList Principals { get; init; } = StringMatchList.Empty;

    public StringMatchList NotPrincipals { get; init; } = StringMatchList.Empty;

    public ServiceAccountMatch[] ServiceAccounts { get; init; } = [];

    public ServiceAccountMatch[] NotServiceAccounts { get; init; } = [];

    public Cidr[] SourceIps { get; init; } = [];

    public Cidr[] NotSourceIps { get; init; } = [];

    public Cidr[] DestinationIps { get; init; } = [];

    public Cidr[] NotDestinationIps { get; init; } = [];

    public ushort[] DestinationPorts { get; init; } = [];

    public ushort[] NotDestinationPorts { get; init; } = [];

    public bool IsEmpty =>
        Namespaces.IsEmpty && NotNamespaces.IsEmpty
        && Principals.IsEmpty && NotPrincipals.IsEmpty
        && ServiceAccounts.Length == 0 && NotServiceAccounts.Length == 0
        && SourceIps.Length == 0 && NotSourceIps.Length == 0
        && DestinationIps.Length == 0 && NotDestinationIps.Length == 0
        && DestinationPorts.Length == 0 && NotDestinationPorts.Length == 0;
}

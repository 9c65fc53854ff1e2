namespace Ztunnel.Tests.Architecture;

/// <summary>One type names another, by namespace; nested types count as the type around them.</summary>
internal sealed record TypeUse(string Namespace, string Type, string UsedNamespace, string UsedType)
{
    public override string ToString() => $"{Namespace}.{Type} uses {UsedNamespace}.{UsedType}";
}

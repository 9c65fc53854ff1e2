namespace Ztunnel.State;

/// <summary>The key of a service: unique per namespace, which has no slash; compared exactly.</summary>
internal readonly record struct NamespacedHostname(string Namespace, string Hostname)
{
    /// <summary><c>namespace/hostname</c>, cut at the first slash.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NamespacedHostname name)
    {
        int slash = text.IndexOf('/');
        name = slash < 0 ? default : new NamespacedHostname(text[..slash].ToString(), text[(slash + 1)..].ToString());
        return slash >= 0;
    }

    public override string ToString() => $"{Namespace}/{Hostname}";
}

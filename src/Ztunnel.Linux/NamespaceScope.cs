namespace Ztunnel.Linux;

/// <summary>A thread's stay in another network namespace. On the stack only, so that it ends on the thread it began on.</summary>
public readonly ref struct NamespaceScope
{
    private readonly bool _isAway;

    internal NamespaceScope(bool isAway) => _isAway = isAway;

    /// <summary>Goes home; where that fails the process ends at once.</summary>
    public void Dispose()
    {
        if (_isAway)
        {
            NetworkNamespace.GoHome();
        }
    }
}

namespace Ztunnel.Lab;

/// <summary>
/// The fields of an item of the mesh document, each to be read once: one that nobody reads would be a test of nothing.
/// </summary>
internal sealed class Fields(IEnumerable<KeyValuePair<string, object?>> map)
{
    private readonly Dictionary<string, object?> _unread = new(map);

    public string Text(string name, string fallback = "") => Take(name) as string ?? fallback;

    public bool Flag(string name) => Take(name) is true;

    public int? Number(string name) => Take(name) as int?;

    public IEnumerable<object> List(string name) =>
        Take(name) is System.Collections.IEnumerable list ? list.Cast<object>() : [];

    public IEnumerable<string> Texts(string name) => List(name).Cast<string>();

    /// <summary>Null if it is not there.</summary>
    public Fields? Map(string name) =>
        Take(name) is IEnumerable<KeyValuePair<string, object?>> map ? new Fields(map) : null;

    public IEnumerable<KeyValuePair<int, int>> Ports(string name) =>
        Take(name) as IEnumerable<KeyValuePair<int, int>> ?? [];

    /// <summary>The names of what is left, for maps whose keys are data.</summary>
    public IReadOnlyList<string> Names() => [.. _unread.Keys];

    /// <exception cref="LabException">Something is left.</exception>
    public void AssertRead(string what)
    {
        if (_unread.Count > 0)
        {
            throw new LabException($"{what}: no message has {string.Join(", ", _unread.Keys)}");
        }
    }

    private object? Take(string name) => _unread.Remove(name, out object? value) ? value : null;
}

namespace Ztunnel.State;

/// <summary>A piece of text in the place of a string, so that a look-up allocates nothing.</summary>
internal readonly ref struct TextMatch(ReadOnlySpan<char> text) : IKeyMatch<string>
{
    private readonly ReadOnlySpan<char> _text = text;

    // Of the same algorithm and seed as that of a string with these characters (documented of the method).
    public uint Hash => (uint)string.GetHashCode(_text);

    public bool Matches(string key) => _text.SequenceEqual(key);
}

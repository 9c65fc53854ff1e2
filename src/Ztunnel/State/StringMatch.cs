namespace Ztunnel.State;

/// <summary>One way to compare a text, case-sensitive.</summary>
/// <param name="Value">Empty and unused for <see cref="StringMatchKind.Presence"/>.</param>
internal readonly record struct StringMatch(StringMatchKind Kind, string Value)
{
    public static StringMatch Presence { get; } = new(StringMatchKind.Presence, "");

    public static StringMatch Exact(string value) => new(StringMatchKind.Exact, value);

    public static StringMatch Prefix(string value) => new(StringMatchKind.Prefix, value);

    public static StringMatch Suffix(string value) => new(StringMatchKind.Suffix, value);
}
